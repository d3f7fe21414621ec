"""Earlier problems of a category at a place: two questions by index, the distance checked after."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import cos, radians
from typing import Any

from pymongo import DESCENDING

from shared.adapters.mongo.client import Collection, Document
from shared.application.ports import EARLIER_MOST
from shared.domain.entry import Kind, Place
from shared.domain.geo import EARTH_RADIUS_M, Point, distance_m
from shared.domain.problem import UNTRUE
from shared.domain.verification import Earlier

_SEEN = {"entry.number": 1, "entry.found_at": 1, "entry.location": 1}
_METRES_A_DEGREE = EARTH_RADIUS_M * radians(1)
_LOOKED_AT = 500
"""A box around a place holds few of one category; more than these are not looked at."""


async def earlier(
    entries: Collection,
    category: str,
    place: Place,
    site: str | None,
    metres: float,
    since: datetime,
) -> list[Earlier]:
    same: Document = {
        "entry.kind": Kind.PROBLEM.value,
        "entry.category": category,
        "entry.found_at": {"$gte": since},
        "entry.status": {"$nin": sorted(UNTRUE)},
    }
    found: dict[str, Earlier] = {}
    if place.lon is not None and place.lat is not None:
        here = Point(place.lon, place.lat)
        for raw in await _asked(entries, {**same, **_box(here, metres)}):
            there = raw["entry"]["location"]
            if distance_m(here, Point(there["lon"], there["lat"])) <= metres:
                found[raw["_id"]] = _earlier(raw)
    if site is not None:
        named = {**same, "entry.site": site, "entry.location.town": place.town}
        found |= {raw["_id"]: _earlier(raw) for raw in await _asked(entries, named)}
    newest = sorted(found.values(), key=lambda each: each.found_at, reverse=True)
    return newest[:EARLIER_MOST]


async def _asked(entries: Collection, which: Document) -> Sequence[Mapping[str, Any]]:
    asked = entries.find(which, _SEEN, sort=[("entry.found_at", DESCENDING)], limit=_LOOKED_AT)
    return await asked.to_list(_LOOKED_AT)


def _box(here: Point, metres: float) -> Document:
    lat = metres / _METRES_A_DEGREE
    lon = lat / cos(radians(min(89.0, abs(here.lat) + lat)))
    return {
        "entry.location.lon": {"$gte": here.lon - lon, "$lte": here.lon + lon},
        "entry.location.lat": {"$gte": here.lat - lat, "$lte": here.lat + lat},
    }


def _earlier(raw: Mapping[str, Any]) -> Earlier:
    entry = raw["entry"]
    return Earlier(id=raw["_id"], number=entry["number"], found_at=entry["found_at"])
