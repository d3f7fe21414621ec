"""standards.yaml: AQI tables and limits, each with the days on which it holds."""

from collections import defaultdict
from datetime import datetime
from difflib import get_close_matches
from functools import cached_property

from pydantic import Field

from shared.declaration.county.aqi_data import AqiStandard
from shared.declaration.county.base import PackModel
from shared.declaration.county.limits import Limit
from shared.domain.aqi_table import AqiTable
from shared.domain.moments import shanghai_day


class NoStandard(KeyError):
    """No such limit or AQI table, or none in force on that day."""

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError would show it in quotation marks


class Standards(PackModel):
    aqi: tuple[AqiStandard, ...] = Field(min_length=1)
    limits: tuple[Limit, ...]

    def limit(self, limit_id: str, at: datetime) -> Limit:
        """The limit that holds on the day (Asia/Shanghai) of `at`. Raises NoStandard for an
        unknown id and for a day on which none holds."""
        found = self.limit_or_none(limit_id, at)
        if found is None:
            raise NoStandard(
                f"{shanghai_day(at)} 没有生效的限值 {limit_id} / none in force;"
                " 在 standards.yaml 核对 effective_from、effective_to"
            )
        return found

    def limit_or_none(self, limit_id: str, at: datetime) -> Limit | None:
        """As `limit`, but None on a day on which none holds."""
        if limit_id not in self._limits:
            close = get_close_matches(limit_id, self._limits, n=1)
            raise NoStandard(
                f"没有限值 {limit_id} / unknown limit; 在 standards.yaml 的 limits 里加上"
                + (f"，或是否 {close[0]}" if close else "")
            )
        day = shanghai_day(at)
        return next((limit for limit in self._limits[limit_id] if limit.in_force(day)), None)

    def limits_of(self, line: str, at: datetime) -> tuple[Limit, ...]:
        """What holds for a line on the day of `at`, with what holds for all lines."""
        day = shanghai_day(at)
        return tuple(
            limit for limit in self.limits if limit.line in (line, "all") and limit.in_force(day)
        )

    def aqi_for(self, at: datetime) -> AqiTable:
        """The table in force on the day (Asia/Shanghai) of a reading. Raises NoStandard."""
        day = shanghai_day(at)
        for standard in self.aqi:
            if standard.in_force(day):
                return standard.table
        raise NoStandard(
            f"{day} 没有生效的 AQI 标准 / no AQI table in force; 在 standards.yaml 的 aqi 里补上"
        )

    def aqi_named(self, standard: str) -> AqiTable:
        """The table of `HJ633-2012` or `HJ 633-2026`, whatever the day. Raises NoStandard."""
        wanted = "".join(standard.split()).upper()
        for known in self.aqi:
            if known.standard == wanted:
                return known.table
        names = "、".join(known.standard for known in self.aqi)
        raise NoStandard(f"没有 AQI 标准 {standard} / unknown standard; 可用：{names}")

    @cached_property
    def _limits(self) -> dict[str, tuple[Limit, ...]]:
        found: dict[str, list[Limit]] = defaultdict(list)
        for limit in self.limits:
            found[limit.id].append(limit)
        return {limit_id: tuple(limits) for limit_id, limits in found.items()}
