"""Which stations stand out from their county in one hour. Pure: hours in, what stands out.

A station that repeats itself in everything, and one without values, counts neither in the median
nor in a rank. With fewer stations than the pack asks for nothing stands out, and nothing is calm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Literal

from services.hotspot.cell import Cell, repeats
from services.hotspot.numbers import JUDGED, Numbers

Test = Literal["ratio", "rank", "rise"]
Window = Mapping[int, Mapping[str, Cell]]
"""Hour → station → what it said."""


@dataclass(frozen=True)
class Stand:
    """How one station stands in one pollutant in one hour."""

    pollutant: str
    value: float
    median: float
    rank: int
    of: int
    above: bool
    """Over the county's median by the pack's ratio, and over the floor."""
    top: bool
    """In the pack's first ranks, over the floor, and clearly over the median."""


@dataclass(frozen=True)
class Standing:
    """One test that a station fails after the hours that the test needs."""

    test: Test
    stand: Stand
    hours: int
    threshold: float
    """The concentration above which the test speaks."""
    before: float | None = None
    """For a rise: the value of the hour before."""


class Hours:
    """The hours of a window, as far as their values can be trusted."""

    def __init__(self, window: Window, numbers: Numbers) -> None:
        self._window = window
        self._numbers = numbers
        self._means: dict[int, dict[str, dict[str, float]]] = {}
        self._stands: dict[tuple[int, str], dict[str, Stand]] = {}

    def means(self, hour: int) -> dict[str, dict[str, float]]:
        """Station → pollutant → mean, of the stations that count in this hour."""
        if hour not in self._means:
            n = self._numbers
            raw = {s: cell.means(n.slot_share) for s, cell in self._window.get(hour, {}).items()}
            last = self._window.get(hour - 1, {})
            self._means[hour] = {
                station: values
                for station, values in raw.items()
                if values
                and self._counts(station, hour)
                and not (
                    station in last
                    and repeats(values, last[station].means(n.slot_share), n.repeat_fields)
                )
            }
        return self._means[hour]

    def stands(self, hour: int, pollutant: str) -> dict[str, Stand]:
        """Station → how it stands; empty where too few stations measured."""
        key = (hour, pollutant)
        if key not in self._stands:
            self._stands[key] = self._compare(hour, pollutant)
        return self._stands[key]

    def failed(self, hour: int, station: str) -> list[Standing]:
        """The tests that the station fails in this hour, the worst pollutant first."""
        found: list[Standing] = []
        for pollutant in JUDGED:
            found.extend(self._tests(hour, station, pollutant))
        return sorted(
            found,
            key=lambda one: (-one.stand.value / max(one.stand.median, 1), one.stand.pollutant),
        )

    def stands_of(self, hour: int, station: str) -> list[Stand]:
        found = (self.stands(hour, pollutant).get(station) for pollutant in JUDGED)
        return [stand for stand in found if stand]

    def _counts(self, station: str, hour: int) -> bool:
        """Stations heard in the hours before; at the beginning all. One that is new, or back after
        long, counts from its second hour on: else an hour would be judged with it or without it as
        it happens to arrive."""
        known = known_stations(self._window, hour, self._numbers.known_hours)
        return not known or station in known

    def _compare(self, hour: int, pollutant: str) -> dict[str, Stand]:
        n = self._numbers
        floor = n.floors.get(pollutant)
        values = {s: m[pollutant] for s, m in self.means(hour).items() if pollutant in m}
        if floor is None or len(values) < n.stations_needed:
            return {}
        middle = median(values.values())
        found = {}
        for station, value in values.items():
            rank = 1 + sum(other > value for other in values.values())
            high = floor.meets(value, "ug/m3")
            over = middle > 0 and n.ratio is not None and n.ratio.meets(value / middle, "1")
            found[station] = Stand(
                pollutant=pollutant,
                value=value,
                median=middle,
                rank=rank,
                of=len(values),
                above=high and over,
                top=high
                and len(values) >= n.rank_stations
                and n.rank is not None
                and n.rank.meets(rank, "1")
                and value > n.rank_above_median * middle,
            )
        return found

    def _tests(self, hour: int, station: str, pollutant: str) -> list[Standing]:
        n = self._numbers
        stand = self.stands(hour, pollutant).get(station)
        if stand is None:
            return []
        found: list[Standing] = []
        floor = n.floors[pollutant].value
        if n.ratio and self._each(hour, n.ratio_hours, station, pollutant, "above"):
            limit = max(n.ratio.value * stand.median, floor)
            found.append(Standing("ratio", stand, n.ratio_hours, limit))
        if n.rank and self._each(hour, n.rank_hours, station, pollutant, "top"):
            limit = max(n.rank_above_median * stand.median, floor)
            found.append(Standing("rank", stand, n.rank_hours, limit))
        before = self.means(hour - 1).get(station, {}).get(pollutant)
        if n.rise and before and n.floors[pollutant].meets(stand.value, "ug/m3"):
            risen = n.rise.meets(100 * (stand.value - before) / before, "%")
            # The whole county's rise comes with the wind: it is nobody's source here.
            if risen and stand.value > n.rise_above_median * stand.median:
                limit = before * (1 + n.rise.value / 100)
                found.append(Standing("rise", stand, 1, limit, before))
        return found

    def _each(self, hour: int, hours: int, station: str, pollutant: str, what: str) -> bool:
        for one in range(hour - hours + 1, hour + 1):
            stand = self.stands(one, pollutant).get(station)
            if stand is None or not getattr(stand, what):
                return False
        return True


def known_stations(window: Window, hour: int, hours: int) -> frozenset[str]:
    """Stations heard in the `hours` before this one."""
    return frozenset(
        station for one in range(hour - hours, hour) for station in window.get(one, {})
    )
