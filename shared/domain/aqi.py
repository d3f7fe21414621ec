"""The air quality index (AQI, HJ 633) of one hour or day, by whichever table was in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from shared.domain.aqi_table import AqiTable, Column, Level, Period

PRIMARY_ABOVE = 50
"""Up to here the air is good and no pollutant is called primary."""


class Concentration(NamedTuple):
    """A measured value with its unit (UCUM, `ug/m3`, `mg/m3`): without one it means nothing."""

    value: float | Decimal
    unit: str


class UnfitReading(ValueError):
    """A concentration that must not be counted: which one, the rule, and what would be right."""

    def __init__(self, name: str, rule: str, right: str) -> None:
        self.name, self.rule, self.right = name, rule, right
        super().__init__(f"{name}: {rule}；{right}")


@dataclass(frozen=True)
class Aqi:
    """What is published, and what it was made from. Names are those of AqiTable."""

    value: int | None
    """None: nothing may be published (NA)."""
    level: Level | None
    primary: tuple[str, ...]
    """首要污染物: of the largest IAQI, several on a tie; none up to 50."""
    iaqi: Mapping[str, int]
    missing: tuple[str, ...]
    """Not measured, or beyond what the standard counts."""

    @property
    def highest(self) -> int | None:
        """The largest IAQI, published or not."""
        return max(self.iaqi.values(), default=None)


def aqi(table: AqiTable, period: Period, readings: Mapping[str, Concentration | None]) -> Aqi:
    """The AQI of `readings`, by name; None or left out is missing, other periods' names are unused.

    For PM2.5 and PM10 of an hour give the mean that `table.hour_particulates` names.
    Raises UnfitReading for an unknown name, a unit other than the table's (it is never converted),
    a negative value or one that is no number.
    """
    columns = table.columns(period)
    for name in readings:
        if name not in table.hour and name not in table.day:
            known = " ".join(dict.fromkeys((*table.hour, *table.day)))
            raise UnfitReading(name, "AQI 没有这一项 / no pollutant of the AQI", f"可用：{known}")
    found: dict[str, int] = {}
    for name, column in columns.items():
        reading = readings.get(name)
        if reading is None:
            continue
        index = column.iaqi(table.steps, exact(name, column, reading))
        if index is not None:
            found[name] = index
    return _published(table, found, tuple(name for name in columns if name not in found))


def exact(name: str, column: Column, reading: Concentration) -> Decimal:
    """The value of `reading` as it was written. Raises UnfitReading as `aqi` does."""
    if reading.unit != column.unit:
        raise UnfitReading(
            name,
            f"单位 {reading.unit} 不是标准用的单位 / wrong unit",
            f"以 {column.unit} 报送，系统不换算",
        )
    value = reading.value
    written = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not written.is_finite():
        raise UnfitReading(name, f"{value} 不是数 / not a number", "没有数据就留空")
    if written < 0:
        raise UnfitReading(name, f"{value} 是负值 / negative", "浓度不小于 0；没有数据就留空")
    return written


def _published(table: AqiTable, iaqi: Mapping[str, int], missing: tuple[str, ...]) -> Aqi:
    highest = max(iaqi.values(), default=None)
    if highest is None or (missing and highest < table.incomplete_from):
        return Aqi(None, None, (), iaqi, missing)
    worst = tuple(name for name, index in iaqi.items() if index == highest)
    primary = worst if highest > PRIMARY_ABOVE else ()
    return Aqi(highest, table.level(highest), primary, iaqi, missing)
