"""Where problems were found, so that a new one need not be compared with all of them."""

from collections import defaultdict

from shared.application.ports import AnyEntry
from shared.domain.entry import Place
from shared.domain.geo import Point
from shared.domain.near import NearIndex
from shared.domain.problem import Problem

_Site = tuple[str, str | None, str | None]
"""Category, site and town."""


class Places:
    """Ids of problems by category and position, and by category, site and town."""

    def __init__(self) -> None:
        self._near: defaultdict[str, NearIndex[str]] = defaultdict(lambda: NearIndex(500.0))
        self._sites: defaultdict[_Site, set[str]] = defaultdict(set)

    def change(self, before: AnyEntry | None, after: AnyEntry) -> None:
        if isinstance(before, Problem):
            if (point := _point(before.location)) is not None:
                self._near[before.category].remove(point, before.id)
            self._sites[_site(before)].discard(before.id)
        if isinstance(after, Problem):
            if (point := _point(after.location)) is not None:
                self._near[after.category].add(point, after.id)
            self._sites[_site(after)].add(after.id)

    def of(self, category: str, place: Place, site: str | None, metres: float) -> set[str]:
        point = _point(place)
        near = self._near[category].within(point, metres) if point else []
        same = self._sites[(category, site, place.town)] if site is not None else set()
        return {id_ for _, id_ in near} | same


def _point(place: Place) -> Point | None:
    if place.lon is None or place.lat is None:
        return None
    return Point(place.lon, place.lat)


def _site(problem: Problem) -> _Site:
    return (problem.category, problem.site, problem.location.town)
