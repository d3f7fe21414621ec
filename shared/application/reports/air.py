"""The monthly ranking of towns by their air, as the coordinator keeps it.

It is the ground of measures against people, so nothing of it is ever written over: what replaces a
month is its next version.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from shared.application.ports import Unavailable
from shared.declaration.county.county import County
from shared.domain.accountability import Air
from shared.domain.calendar_month import CalendarMonth
from shared.domain.moments import Moment
from shared.domain.refusal import FieldError, refuse

TOWNS_MOST = 200
TRIES = 10


class AirRow(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    town: str = Field(min_length=1, max_length=40, description="镇街/园区代码或名称 code or name")
    composite: float = Field(
        gt=0, le=100, allow_inf_nan=False, description="综合指数 composite index; lower is better"
    )
    yoy: float | None = Field(
        default=None,
        ge=-1000,
        le=100,
        allow_inf_nan=False,
        description="同比改善率(%),正为改善 improvement on a year before; null: unknown",
    )


class AirBody(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: list[AirRow] = Field(min_length=1, max_length=TOWNS_MOST)
    source: str | None = Field(default=None, max_length=200, description="出处 where it is from")


class AirMonth(BaseModel):
    """A month as it was put; towns by their codes."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    month: str
    version: int
    rows: tuple[AirRow, ...]
    source: str | None
    put_at: Moment
    put_by: str
    """The coordinator's unit, or their id."""

    def air(self) -> dict[str, Air]:
        return {row.town: Air(row.composite, row.yoy) for row in self.rows}


class AirRankings(Protocol):
    """All methods raise Unavailable."""

    async def get(self, month: str, version: int | None = None) -> AirMonth | None:
        """The latest version, or this one."""
        ...

    async def between(self, first: str, last: str) -> list[AirMonth]:
        """The latest version of each month, both ends included, rising."""
        ...

    async def add(self, month: AirMonth) -> bool:
        """False where that version of the month is there already."""
        ...


def checked(county: County, body: AirBody) -> tuple[AirRow, ...]:
    """The rows by the towns' codes; refuses unknown towns and doubled ones, all at once."""
    errors, rows, seen = [], [], set()
    for position, row in enumerate(body.rows):
        found = county.town(row.town) or county.town_named(row.town)
        pointer = f"/rows/{position}/town"
        if found is None:
            said = f"没有镇街或园区“{row.town}”,可用的见 GET /v1/towns"
            errors.append(FieldError(pointer=pointer, detail=said))
        elif found.code in seen:
            errors.append(FieldError(pointer=pointer, detail=f"{found.name}写了两次,只留一行"))
        else:
            seen.add(found.code)
            rows.append(row.model_copy(update={"town": found.code}))
    if errors:
        raise refuse("invalid-field", "；".join(e.detail for e in errors[:20]), *errors[:50])
    return tuple(sorted(rows, key=lambda row: row.town))


def missing(county: County, rows: Sequence[AirRow]) -> tuple[str, ...]:
    """Codes of the towns without a row. A park need not have a station of its own."""
    there = {row.town for row in rows}
    return tuple(town.code for town in county.towns if town.code not in there)


async def put(
    rankings: AirRankings,
    month: CalendarMonth,
    rows: tuple[AirRow, ...],
    source: str | None,
    seen: int | None,
    now: Moment,
    by: str,
) -> tuple[AirMonth, bool]:
    """(the month as it stands now, whether it is new). The same rows again change nothing.

    `seen`: the version that is to be replaced; refused without it, and when it is not the latest.
    """
    for _ in range(TRIES):
        held = await rankings.get(str(month))
        if held is not None and (held.rows, held.source) == (rows, source):
            return held, False
        if held is not None and seen is None:
            raise refuse(
                "version-needed",
                f'{month} 的排名已有第 {held.version} 版;要更正请写 If-Match: "{held.version}"',
                version=held.version,
            )
        if seen is not None and seen != (held.version if held else 0):
            raise refuse(
                "stale-version",
                f"您看到的是第 {seen} 版,现为第 {held.version if held else 0} 版;请重新读取后再改",
                version=held.version if held else 0,
            )
        new = AirMonth(
            month=str(month),
            version=held.version + 1 if held else 1,
            rows=rows,
            source=source,
            put_at=now,
            put_by=by,
        )
        if await rankings.add(new):
            return new, True
    raise Unavailable(f"{TRIES} other versions of {month} were put in a row")


def by_month(found: Sequence[AirMonth]) -> Mapping[CalendarMonth, Mapping[str, Air]]:
    return {CalendarMonth.parse(each.month): each.air() for each in found}
