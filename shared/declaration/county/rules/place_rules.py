"""Outlines and places: inside the county, in towns it has, told apart by their ids."""

from collections.abc import Iterator, Sequence

from shared.declaration.county.about import About
from shared.declaration.county.outline import Outlines
from shared.declaration.county.places import HeatSource, Place, Places
from shared.declaration.county.rules import walk
from shared.declaration.county.rules.fault import (
    ABOUT,
    PLACES,
    TOWNS,
    Fault,
    Where,
    nearest,
    repeated,
)
from shared.declaration.county.towns import TownsFile
from shared.domain.geo import Point


def outline_lies_in_box(about: About, outlines: Outlines) -> Iterator[Fault]:
    """An outline that reaches out of the box is another county's, or in another datum."""
    if outlines.county is None:
        return
    box, said = outlines.county.box, about.boundary
    if not (said.contains(box.west, box.south) and said.contains(box.east, box.north)):
        yield Fault(
            ABOUT,
            ("boundary", "outline"),
            "县界伸出了 boundary 的范围 / the outline reaches out of the box",
            f"核对文件和 datum，或放宽到 {box.west:.3f}–{box.east:.3f}、"
            f"{box.south:.3f}–{box.north:.3f}",
        )


def seats_lie_in_county(about: About, file: TownsFile, outlines: Outlines) -> Iterator[Fault]:
    for town, where in walk.each(file.towns, ("towns",)):
        if town.seat and not _inside(about, outlines, Point(town.seat.lon, town.seat.lat)):
            yield Fault(
                TOWNS,
                (*where, "seat"),
                f"{town.name} 的驻地不在县界范围内 / outside the county",
                "核对经纬度（WGS-84，lon 在前），或放宽 county.yaml 的 boundary",
            )


def places_differ_by_id(places: Places) -> Iterator[Fault]:
    """Stations, sites and enterprises share one space of ids: their devices speak by them."""
    ids: list[tuple[str, Where]] = []
    for name, listed in _positions(places):
        ids.extend((one.id, (*where, "id")) for one, where in walk.each(listed, (name,)))
    windows = [
        (one.id, (*where, "id")) for one, where in walk.each(places.blackouts, ("blackouts",))
    ]
    for found in (ids, windows):
        for value, where in repeated(found):
            yield Fault(PLACES, where, f"编号 {value} 重复 / used twice", "换一个编号")
    names = [
        (one.name, (*where, "name")) for one, where in walk.each(places.stations, ("stations",))
    ]
    for value, where in repeated(names):
        yield Fault(PLACES, where, f"站点名“{value}”重复 / used twice", "每个站点各用一个名称")


def places_lie_in_county(about: About, places: Places, outlines: Outlines) -> Iterator[Fault]:
    for name, listed in _positions(places):
        for one, where in walk.each(listed, (name,)):
            if not _inside(about, outlines, one.point):
                yield Fault(
                    PLACES,
                    where,
                    f"{one.name} 不在县界范围内 / outside the county",
                    "核对经纬度（WGS-84，lon 在前）",
                )


def towns_of_places_known(about: About, file: TownsFile, places: Places) -> Iterator[Fault]:
    known = [town.code for town in file.towns] + [park.code for park in about.parks]
    lists: tuple[tuple[str, Sequence[Place]], ...] = (
        ("stations", places.stations),
        ("sites", places.sites),
        ("enterprises", places.enterprises),
    )
    for name, listed in lists:
        for one, where in walk.each(listed, (name,)):
            if one.town is not None and one.town not in known:
                yield Fault(
                    PLACES,
                    (*where, "town"),
                    f"没有代码为 {one.town} 的镇街或园区 / no such town",
                    nearest(one.town, known),
                )


def _positions(places: Places) -> tuple[tuple[str, Sequence[Place | HeatSource]], ...]:
    return (
        ("stations", places.stations),
        ("sites", places.sites),
        ("enterprises", places.enterprises),
        ("heat_sources", places.heat_sources),
    )


def _inside(about: About, outlines: Outlines, point: Point) -> bool:
    if outlines.county is not None:
        return outlines.county.contains(point)
    return about.boundary.contains(point.lon, point.lat)
