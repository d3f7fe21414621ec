"""A breakpoint table of HJ 633 and what it says about one concentration. Exact: no float decides."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Literal


class Period(StrEnum):
    """What an AQI speaks of: one hour (实时报) or one day (日报)."""

    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True)
class Level:
    """A level of the AQI (级别): `number` from 1, `up_to` inclusive, `name` as 轻度污染."""

    number: int
    up_to: int
    name: str


_MILLIONTH = 1_000_000
"""Concentrations count in millionths: finer than any instrument and coarser than what a mean in
binary floats is off by. Without it 75.00000000000001 would be rounded up to a whole index point
that nobody measured; and whole numbers are exact."""
_BEYOND_ALL = Decimal(10**9)


@dataclass(frozen=True)
class Column:
    """One pollutant with one averaging period: concentrations at which the IAQI has a step."""

    quantity: str
    averaging: str
    unit: str
    """UCUM; a concentration in any other unit is refused."""
    breakpoints: tuple[Decimal, ...]
    """Rising from 0; may end before the last step."""
    beyond: int | None
    """The IAQI above the last breakpoint; None where the standard no longer counts it."""
    plausible_from: Decimal
    plausible_to: Decimal
    """Where no unit is given, a value above zero outside of these must be in another unit."""
    measurable_to: Decimal
    """The most that an analyser can show: the upper end where there is reason to doubt the unit."""

    def iaqi(self, steps: tuple[int, ...], value: Decimal) -> int | None:
        """The IAQI of `value` (≥ 0, in `unit`), rounded up; None where it does not count."""
        points = self._points
        if value >= _BEYOND_ALL or (at := _millionths(value)) > points[-1]:
            return self.beyond
        upper = max(1, bisect_left(points, at))
        low, high = points[upper - 1], points[upper]
        rise = (steps[upper] - steps[upper - 1]) * (at - low)
        return steps[upper - 1] - (-rise // (high - low))  # the quotient, rounded up

    def plausible(self, value: Decimal, in_doubt: bool = False) -> bool:
        """Whether `value` (≥ 0), given without a unit, can be meant in this one."""
        most = self.measurable_to if in_doubt else self.plausible_to
        return value == 0 or self.plausible_from <= value <= most

    @cached_property
    def _points(self) -> tuple[int, ...]:
        return tuple(map(_millionths, self.breakpoints))


def _millionths(value: Decimal) -> int:
    return int((value * _MILLIONTH).to_integral_value())


@dataclass(frozen=True)
class AqiTable:
    """One edition of the standard. Concentrations go by names: pm25 pm10 so2 no2 co o3_1h o3_8h."""

    standard: str
    steps: tuple[int, ...]
    hour: Mapping[str, Column]
    day: Mapping[str, Column]
    hour_particulates: Literal["1h", "24h"]
    """Which mean of PM2.5 and PM10 an hour's AQI takes: the hour's, or the 24 h moving one."""
    incomplete_from: int
    """With a pollutant missing, an AQI is published only from this value on."""
    levels: tuple[Level, ...]

    def columns(self, period: Period) -> Mapping[str, Column]:
        return self.hour if period is Period.HOUR else self.day

    def level(self, aqi: int) -> Level:
        return next((level for level in self.levels if aqi <= level.up_to), self.levels[-1])
