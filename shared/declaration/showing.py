"""What a line shows of a rule's memory to those who watch: plain values, few in number.

The rule itself never looks at a clock or at a metric; here a pure function says what its state of
the whole county means, and whoever watches decides how to show it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from shared.declaration.rule import Facts, State

S = TypeVar("S", bound=State)
STATIONS_MOST = 500
"""Stations shown, the first by their id: a county has some dozen."""


@dataclass(frozen=True)
class AirHour:
    """The newest hour that a station has said enough of."""

    station: str
    ended_at: datetime
    """UTC."""
    means: Mapping[str, float]
    """Pollutant (`pm25`, `o3`, …) → mean of the hour in µg/m³, CO in mg/m³."""


@dataclass(frozen=True)
class WarningLevel:
    """The heavy-pollution warning in force: 0 none, 1 yellow, 2 orange, 3 red."""

    level: int


Shown = AirHour | WarningLevel


@dataclass(frozen=True)
class Showing(Generic[S]):
    """Of which rule, and what. Its memory is the one under the key of the whole county."""

    rule: str
    show: Callable[[S, Facts], Iterable[Shown]]
