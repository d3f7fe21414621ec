"""The composite index of air quality (综合指数) of a day or a month, and the ranking by it.

Σ weight · C / S: means of SO₂, NO₂, PM10 and PM2.5, the 95th percentile of CO's day means and the
90th of O₃'s highest 8-hour means, each by its level-II limit. Percentiles are HJ 663's: the
(1 + (n−1)·p)-th of n sorted values, linear in between. Hours are numbered 1 to 24 by their end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, fsum

POLLUTANTS = ("so2", "no2", "pm10", "pm25", "co", "o3")
"""CO in mg/m³, all else in µg/m³."""
PERCENTILES = {"co": 0.95, "o3": 0.90}
"""Of the days of a month; the others are means."""
_WINDOW = 8


@dataclass(frozen=True)
class Norm:
    """What a pollutant's concentration is divided by, and how much it counts."""

    limit: float
    weight: float


@dataclass(frozen=True)
class Coverage:
    """How much must be measured before a value stands for its period."""

    day_hours: int
    """Hours of a day mean."""
    window_hours: int
    """Hours of an 8-hour mean."""
    day_windows: int
    """8-hour means of a day; with fewer, their highest counts only above O₃'s limit."""
    month_days: int


@dataclass(frozen=True)
class Part:
    pollutant: str
    concentration: float
    ratio: float
    """Concentration by limit."""
    index: float
    """With its weight."""


@dataclass(frozen=True)
class Composite:
    parts: tuple[Part, ...]

    @property
    def exact(self) -> float:
        return fsum(part.index for part in self.parts)

    @property
    def value(self) -> float:
        """As it is published, with two decimals: units with the same value rank the same."""
        return floor(self.exact * 100 + 0.5 + 1e-9) / 100


@dataclass(frozen=True)
class Month:
    """The concentrations of a month, with the number of days each stands on."""

    concentrations: Mapping[str, float]
    days: Mapping[str, int]
    lacking: tuple[str, ...]
    """Pollutants with too few days: no index is made without them."""


@dataclass(frozen=True)
class Place:
    """One place in the ranking; the cleanest is first."""

    rank: int
    name: str
    composite: Composite


@dataclass(frozen=True)
class Ranking:
    places: tuple[Place, ...]
    left_out: tuple[tuple[str, tuple[str, ...]], ...]
    """Units with too little data, by name, and the pollutants that they lack."""


def percentile(values: Sequence[float], p: float) -> float:
    """By HJ 663. Raises ValueError without values, or for a p outside 0 to 1."""
    if not values or not 0 <= p <= 1:
        raise ValueError("percentile needs values, and p from 0 to 1")
    ordered = sorted(values)
    position = (len(ordered) - 1) * p
    below = floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def day_values(
    hours: Mapping[int, Mapping[str, float]], coverage: Coverage, norms: Mapping[str, Norm]
) -> dict[str, float]:
    """Hour (1–24) → pollutant → value, to the day's values of the pollutants measured enough."""
    found: dict[str, float] = {}
    for pollutant in POLLUTANTS:
        series = {
            hour: values[pollutant]
            for hour, values in hours.items()
            if 1 <= hour <= 24 and pollutant in values
        }
        if pollutant == "o3":
            highest = _highest_window(series, coverage, norms["o3"].limit)
            if highest is not None:
                found["o3"] = highest
        elif len(series) >= coverage.day_hours:
            found[pollutant] = fsum(series.values()) / len(series)
    return found


def mean_of(stations: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The day's values of a town: the mean of its stations' that measured enough."""
    found: dict[str, float] = {}
    for pollutant in POLLUTANTS:
        values = [station[pollutant] for station in stations if pollutant in station]
        if values:
            found[pollutant] = fsum(values) / len(values)
    return found


def month_values(days: Sequence[Mapping[str, float]], coverage: Coverage) -> Month:
    concentrations: dict[str, float] = {}
    counts: dict[str, int] = {}
    for pollutant in POLLUTANTS:
        values = [day[pollutant] for day in days if pollutant in day]
        counts[pollutant] = len(values)
        if values and len(values) >= coverage.month_days:
            p = PERCENTILES.get(pollutant)
            mean = fsum(values) / len(values)
            concentrations[pollutant] = mean if p is None else percentile(values, p)
    lacking = tuple(name for name in POLLUTANTS if name not in concentrations)
    return Month(concentrations, counts, lacking)


def composite(concentrations: Mapping[str, float], norms: Mapping[str, Norm]) -> Composite:
    """The index of a day's or a month's concentrations. Raises ValueError where one is missing:
    a sum of five would be taken for cleaner air."""
    missing = [name for name in POLLUTANTS if name not in concentrations]
    if missing:
        raise ValueError(f"缺少 {'、'.join(missing)},不能计算综合指数 / pollutants are missing")
    parts = []
    for name in POLLUTANTS:
        ratio = concentrations[name] / norms[name].limit
        parts.append(Part(name, concentrations[name], ratio, norms[name].weight * ratio))
    return Composite(tuple(parts))


def ranking(units: Mapping[str, Month], norms: Mapping[str, Norm]) -> Ranking:
    """The units by their index, the lowest first. Those with the same published value share a
    rank, and the next takes the rank after all of them."""
    found = {
        name: composite(month.concentrations, norms)
        for name, month in units.items()
        if not month.lacking
    }
    places = tuple(
        Place(1 + sum(other.value < one.value for other in found.values()), name, one)
        for name, one in sorted(found.items(), key=lambda pair: (pair[1].value, pair[0]))
    )
    left_out = tuple((name, units[name].lacking) for name in sorted(units) if units[name].lacking)
    return Ranking(places, left_out)


def _highest_window(series: Mapping[int, float], coverage: Coverage, limit: float) -> float | None:
    """The highest mean of eight hours in a row that end from 8 to 24 o'clock."""
    means = []
    for end in range(_WINDOW, 25):
        values = [series[hour] for hour in range(end - _WINDOW + 1, end + 1) if hour in series]
        if len(values) >= coverage.window_hours:
            means.append(fsum(values) / len(values))
    highest = max(means, default=None)
    if highest is None or (len(means) < coverage.day_windows and highest <= limit):
        return None
    return highest
