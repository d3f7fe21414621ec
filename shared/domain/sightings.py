"""What has been seen of a problem: how often, from when to when, the peak, and readings that show it.

Bounded however long it lasts: of the readings it keeps the first, the peak, the last, and the worst
of each hour; when they are too many, older hours thin out.
"""

from datetime import datetime, timedelta
from itertools import pairwise

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.moments import Moment
from shared.domain.reading import Reading

POINTS_KEPT = 72
_HOUR = timedelta(hours=1).total_seconds()


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Point(_Part):
    """One reading as evidence."""

    at: Moment
    reading: Reading


class Sightings(_Part):
    """`readings` rise in time; a sighting need not have one."""

    count: int = Field(ge=1)
    first_at: Moment
    last_at: Moment
    peak: Reading | None = None
    """The reading furthest beyond its limit; the highest where there is no limit."""
    peak_at: Moment | None = None
    readings: tuple[Point, ...] = Field(default=(), max_length=POINTS_KEPT)

    def with_more(self, other: "Sightings") -> "Sightings":
        """Both together. The order in which sightings come changes nothing but which of the older
        hours have thinned out."""
        points = {(p.at, p.reading.quantity, p.reading.value): p for p in self.readings}
        points |= {(p.at, p.reading.quantity, p.reading.value): p for p in other.readings}
        kept = _kept(list(points.values()))
        peak = max(kept, key=_badness, default=None)
        return Sightings(
            count=self.count + other.count,
            first_at=min(self.first_at, other.first_at),
            last_at=max(self.last_at, other.last_at),
            peak=peak.reading if peak else None,
            peak_at=peak.at if peak else None,
            readings=tuple(kept),
        )


def one_sighting(at: datetime, reading: Reading | None) -> Sightings:
    """A single one; `at` is when it was seen."""
    return Sightings(
        count=1,
        first_at=at,
        last_at=at,
        peak=reading,
        peak_at=at if reading else None,
        readings=(Point(at=at, reading=reading),) if reading else (),
    )


def _badness(point: Point) -> tuple[float, float, float]:
    """Of two that are equally bad the earlier one counts as the peak."""
    return (*point.reading.rank, -point.at.timestamp())


def _kept(points: list[Point]) -> list[Point]:
    """The first, the peak, the last, and the worst of each hour, at most POINTS_KEPT, by time."""
    if not points:
        return []
    points.sort(key=lambda p: (p.at, p.reading.quantity, p.reading.value))
    worst: dict[int, Point] = {}
    for point in points:
        hour = int(point.at.timestamp() // _HOUR)
        if hour not in worst or _badness(point) > _badness(worst[hour]):
            worst[hour] = point
    ends = (points[0], max(points, key=_badness), points[-1])
    kept = [p for p in points if p in ends or worst[int(p.at.timestamp() // _HOUR)] is p]
    while len(kept) > POINTS_KEPT:
        kept.remove(_most_crowded([p for p in kept if p not in ends]))
    return kept


def _most_crowded(points: list[Point]) -> Point:
    """Of the older half the one whose neighbours are nearest to each other."""
    older = points[: max(3, len(points) // 2)]
    gaps = [(b.at - a.at, p) for (a, p), (_, b) in pairwise(list(pairwise(older)))]
    return min(gaps, key=lambda pair: pair[0])[1]
