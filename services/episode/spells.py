"""Which level days call for: yellow, orange, red by the county's standards. Pure.

Only days count whose pollution is neither ozone nor sand: no warning is given for those.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Self

from shared.declaration.rule import Facts, Limit
from shared.domain.moments import day_end, day_start

Level = Literal["none", "yellow", "orange", "red"]
LEVELS: tuple[Level, ...] = ("none", "yellow", "orange", "red")
_ONE = timedelta(days=1)


@dataclass(frozen=True)
class Spell:
    """Days in a row that together call for a level; until the end of `last` (Asia/Shanghai)."""

    first: date
    last: date
    level: Level

    @property
    def start(self) -> datetime:
        return day_start(self.first)

    @property
    def end(self) -> datetime:
        return day_end(self.last)


@dataclass(frozen=True)
class Warnings:
    """The limits of a day: AQI and the hours that it must last."""

    yellow_day: Limit
    yellow_run: tuple[Limit, Limit]
    orange_day: tuple[Limit, Limit]
    orange_run: tuple[Limit, Limit]
    red_run: tuple[Limit, Limit]
    red_peak: tuple[Limit, Limit]

    @classmethod
    def at(cls, moment: datetime, facts: Facts) -> Self | None:
        """None where one of them does not hold that day: then there are no levels."""

        def limit(name: str) -> Limit | None:
            return facts.limit(f"episode.forecast.{name}", moment)

        def pair(name: str) -> tuple[Limit, Limit] | None:
            value, hours = limit(name), limit(f"{name}-hours")
            return (value, hours) if value and hours else None

        day, yellow, orange_day = limit("yellow-day"), pair("yellow-run"), pair("orange-day")
        orange, red, peak = pair("orange-run"), pair("red-run"), pair("red-peak")
        if not (day and yellow and orange_day and orange and red and peak):
            return None
        return cls(day, yellow, orange_day, orange, red, peak)

    def polluted(self, aqi: int) -> bool:
        """Whether a day can be a part of any episode."""
        return self.yellow_day.meets(aqi, "1") or self.yellow_run[0].meets(aqi, "1")

    def level(self, run: Sequence[int]) -> Level:
        """What days in a row call for."""
        if any(_lasts(part, self.red_peak) for part in _runs(run, self.red_run)):
            return "red"
        if _lasts(run, self.orange_day) or _lasts(run, self.orange_run):
            return "orange"
        if any(self.yellow_day.meets(aqi, "1") for aqi in run) or _lasts(run, self.yellow_run):
            return "yellow"
        return "none"


def spells(days: Mapping[date, int | None], warnings: Warnings) -> tuple[Spell, ...]:
    """The spells among days, in their order. A day without AQI (unknown, ozone or sand) ends one."""
    found: list[Spell] = []
    run: list[tuple[date, int]] = []

    def close() -> None:
        level = warnings.level([aqi for _, aqi in run])
        if level != "none":
            found.append(Spell(run[0][0], run[-1][0], level))
        run.clear()

    for day, aqi in sorted(days.items()):
        if run and day != run[-1][0] + _ONE:
            close()
        if aqi is not None and warnings.polluted(aqi):
            run.append((day, aqi))
        else:
            close()
    close()
    return tuple(found)


def _lasts(run: Sequence[int], limit: tuple[Limit, Limit]) -> bool:
    return bool(_runs(run, limit))


def _runs(run: Sequence[int], limit: tuple[Limit, Limit]) -> list[list[int]]:
    """The parts in which every day meets the limit and that last its hours."""
    value, hours = limit
    return [part for part in _split(run, lambda aqi: value.meets(aqi, "1")) if _long(part, hours)]


def _long(part: Sequence[int], hours: Limit) -> bool:
    return bool(part) and hours.meets(24 * len(part), "h")


def _split(run: Sequence[int], keep: Callable[[int], bool]) -> list[list[int]]:
    parts: list[list[int]] = [[]]
    for aqi in run:
        if keep(aqi):
            parts[-1].append(aqi)
        elif parts[-1]:
            parts.append([])
    return [part for part in parts if part]
