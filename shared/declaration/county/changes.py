"""What a new pack changes against the last applied one. Pure: applying it is somebody else's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict

from shared.declaration.county.county import County
from shared.declaration.county.rows import ResponsibilityRow, TaskRow

_DATES = frozenset({"effective_from", "starts"})
"""They come from the edition, not from what it says: alone they are no change."""


Row = TypeVar("Row", ResponsibilityRow, TaskRow)


class PackRefused(Exception):
    """The pack must not be applied over the one that is in force."""


class AppliedPack(BaseModel):
    """What a pack put into the ledgers, in the form in which it is stored (JSON or BSON-like)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    county: str
    number: int
    effective_date: date
    rows: tuple[ResponsibilityRow, ...]
    tasks: tuple[TaskRow, ...]

    @classmethod
    def of(cls, county: County, after: Self | None = None) -> Self:
        """The snapshot of `county`; what already stood in `after` keeps its first day."""
        since = {_at(row): row.effective_from for row in after.rows} if after else {}
        starts = {_at(task): task.starts for task in after.tasks} if after else {}
        return cls(
            county=county.about.code,
            number=county.about.pack.number,
            effective_date=county.about.pack.effective_date,
            rows=tuple(
                row.model_copy(update={"effective_from": since.get(_at(row), row.effective_from)})
                for row in county.rows()
            ),
            tasks=tuple(
                task.model_copy(update={"starts": starts.get(_at(task), task.starts)})
                for task in county.tasks()
            ),
        )


class Step(StrEnum):
    ADD = "add"
    CHANGE = "change"
    END = "end"


@dataclass(frozen=True)
class Difference(Generic[Row]):
    """One change of one entry in the ledger of `line`. An entry that changes its line ends in the
    old one and is added in the new one."""

    step: Step
    line: str
    entry: str
    on: date
    """First day (Asia/Shanghai) of the new state; an ended entry no longer holds on it."""
    before: Row | None
    after: Row | None
    fields: tuple[str, ...] = ()
    """What changed, for CHANGE."""


@dataclass(frozen=True)
class Changes:
    number: int
    rows: tuple[Difference[ResponsibilityRow], ...]
    tasks: tuple[Difference[TaskRow], ...]

    def all(self) -> tuple[Difference[ResponsibilityRow] | Difference[TaskRow], ...]:
        return (*self.rows, *self.tasks)


def changes(last: AppliedPack | None, new: County) -> Changes:
    """What must happen so that the ledgers say what `new` says.

    `last` is the last applied pack as it was stored, or None on the first start.
    Raises PackRefused for another county's pack, an older number or an earlier effective day, and
    for a pack that changed without a new number.
    """
    wanted = AppliedPack.of(new, last)
    if last is not None:
        _refuse_steps_back(last, wanted)
    on = wanted.effective_date
    found = Changes(
        number=wanted.number,
        rows=tuple(_differences(last.rows if last else (), wanted.rows, on)),
        tasks=tuple(_differences(last.tasks if last else (), wanted.tasks, on)),
    )
    if last is not None and last.number == wanted.number and (found.rows or found.tasks):
        raise PackRefused(
            f"县级配置包第 {wanted.number} 号已生效，内容却有改动；请把 county.yaml 的 pack.number"
            f" 加大后再启动 / pack {wanted.number} changed without a new number"
        )
    return found


def _refuse_steps_back(last: AppliedPack, new: AppliedPack) -> None:
    if new.county != last.county:
        raise PackRefused(
            f"数据库属于 {last.county}，配置包属于 {new.county}；请核对 TENLINES_COUNTY"
            " / the pack is another county's"
        )
    if new.number < last.number:
        raise PackRefused(
            f"配置包第 {new.number} 号比已生效的第 {last.number} 号旧；请使用不小于"
            f" {last.number} 号的配置包 / the pack is older than the one in force"
        )
    if new.effective_date < last.effective_date:
        raise PackRefused(
            f"配置包第 {new.number} 号的生效日期 {new.effective_date} 早于已生效的"
            f" {last.effective_date}；请改正 pack.effective_date / effective date goes back"
        )


def _at(row: ResponsibilityRow | TaskRow) -> tuple[str, str]:
    return row.line, row.id


def _differences(old: Sequence[Row], new: Sequence[Row], on: date) -> Iterator[Difference[Row]]:
    held = {_at(row): row for row in old}
    kept = {_at(row) for row in new}
    for (line, entry), gone in held.items():
        if (line, entry) not in kept:
            yield Difference(Step.END, line, entry, on, gone, None)
    for row in new:
        before = held.get(_at(row))
        if before is None:
            yield Difference(Step.ADD, row.line, row.id, on, None, row)
        elif fields := _changed(before, row):
            yield Difference(Step.CHANGE, row.line, row.id, on, before, row, fields)


def _changed(before: BaseModel, after: BaseModel) -> tuple[str, ...]:
    return tuple(
        name
        for name in type(after).model_fields
        if name not in _DATES and getattr(before, name) != getattr(after, name)
    )
