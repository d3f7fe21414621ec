"""In which town a place lies, and how that is known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from shared.declaration.county.county import County
from shared.domain.geo import Point, distance_m

TownBy = Literal["reporter", "polygon", "nearest-seat"]
"""Whoever reported it said so · it lies in the town's outline · the nearest seat: only a guess,
which rankings leave out until somebody confirms it."""


@dataclass(frozen=True)
class Located:
    town: str | None
    """Code of the town (9 digits) or park; None where nothing tells."""
    town_by: TownBy | None
    in_county: bool
    """False for a point outside; without a point, whether the county has the town."""


def locate(point: Point | None, county: County, reported: str | None = None) -> Located:
    """The town of a WGS-84 `point`; `reported` is the code that the reporter gave.

    A reporter stands on the spot, so a town that they name counts, if the county has it and the
    point is not elsewhere.
    """
    if point is not None and not county.contains(point.lon, point.lat):
        return Located(None, None, in_county=False)
    if reported is not None and county.town_name(reported) is not None:
        return Located(reported, "reporter", in_county=True)
    if point is None:
        return Located(None, None, in_county=False)
    for code, area in county.outlines.towns.items():
        if area.contains(point):
            return Located(code, "polygon", in_county=True)
    nearest = _nearest_seat(point, county)
    return Located(nearest, "nearest-seat" if nearest else None, in_county=True)


def locator(county: County) -> Callable[[float | None, float | None, str | None], Located]:
    """`locate` for those who hold loose coordinates: (lon, lat, reported town)."""

    def located(lon: float | None, lat: float | None, reported: str | None) -> Located:
        point = Point(lon, lat) if lon is not None and lat is not None else None
        return locate(point, county, reported)

    return located


def _nearest_seat(point: Point, county: County) -> str | None:
    """Towns whose outline says that they are elsewhere come last."""
    seats = [
        (
            town.code in county.outlines.towns,
            distance_m(point, Point(town.seat.lon, town.seat.lat)),
            town.code,
        )
        for town in county.towns
        if town.seat
    ]
    return min(seats)[2] if seats else None
