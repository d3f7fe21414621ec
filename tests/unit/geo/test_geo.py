"""Distances, directions and areas, against numbers that can be checked by hand."""

from math import cos, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.area import Area, Polygon
from shared.domain.geo import Point, angle_between, bearing, distance_m, upwind

CENTRE = Point(116.31, 35.07)
DEGREE_M = 111_195  # of a great circle on the mean sphere

around = st.builds(
    Point,
    st.floats(116.0, 116.6),
    st.floats(34.7, 35.4),
)


def test_a_degree_of_latitude_and_of_longitude() -> None:
    assert distance_m(Point(116, 35), Point(116, 36)) == pytest.approx(DEGREE_M, abs=1)
    east = distance_m(Point(116, 35), Point(117, 35))
    assert east == pytest.approx(DEGREE_M * cos(radians(35)), rel=1e-4)


def test_a_millimetre_and_half_the_earth() -> None:
    assert distance_m(CENTRE, Point(CENTRE.lon, CENTRE.lat + 1e-8)) == pytest.approx(
        1.1e-3, rel=0.02
    )
    assert distance_m(Point(0, 0), Point(180, 0)) == pytest.approx(DEGREE_M * 180, rel=1e-5)
    assert distance_m(CENTRE, CENTRE) == 0


@given(around, around, around)
def test_a_detour_is_never_shorter(a: Point, b: Point, c: Point) -> None:
    assert distance_m(a, b) == pytest.approx(distance_m(b, a))
    assert distance_m(a, c) <= distance_m(a, b) + distance_m(b, c) + 1e-6


@pytest.mark.parametrize(
    ("east", "north", "degrees"),
    [(0, 1, 0), (1, 0, 90), (0, -1, 180), (-1, 0, 270), (0, 0, 0)],
)
def test_bearing_to_the_four_winds(east: int, north: int, degrees: float) -> None:
    there = Point(CENTRE.lon + east * 1e-3, CENTRE.lat + north * 1e-3)
    assert angle_between(bearing(CENTRE, there), degrees) < 0.01


@given(around, around)
def test_a_bearing_is_below_360(a: Point, b: Point) -> None:
    assert 0 <= bearing(a, b) < 360


def test_a_west_wind_brings_what_lies_in_the_west() -> None:
    assert upwind(bearing_to_source=270, wind_from_direction=270, half_angle=45)
    assert upwind(315, 270, 45)
    assert not upwind(316, 270, 45)
    assert not upwind(90, 270, 45)


def test_the_sector_goes_over_north() -> None:
    assert upwind(350, 10, 22.5)
    assert upwind(10, 350, 22.5)
    assert not upwind(340, 10, 22.5)
    assert angle_between(359, 1) == 2
    assert angle_between(0, 180) == 180


def ring(*corners: tuple[float, float]) -> tuple[Point, ...]:
    return tuple(Point(*corner) for corner in (*corners, corners[0]))


SQUARE = ring((0, 0), (10, 0), (10, 10), (0, 10))
HOLE = ring((4, 4), (6, 4), (6, 6), (4, 6))
ISLAND = ring((20, 0), (22, 0), (21, 3))
AREA = Area((Polygon(SQUARE, (HOLE,)), Polygon(ISLAND)))


@pytest.mark.parametrize(
    ("point", "inside"),
    [
        ((1, 1), True),
        ((5, 5), False),  # in the hole
        ((4, 5), True),  # on the edge of the hole
        ((0, 5), True),  # on an edge
        ((10, 10), True),  # a corner
        ((10.001, 5), False),
        ((5, -0.001), False),
        ((21, 1), True),  # in the second polygon
        ((21, 3), True),  # its top
        ((20.1, 2.9), False),
        ((15, 0), False),  # on the line of two edges, between the polygons
        ((-1, 4), False),  # level with corners of the hole
        ((-1, 10), False),
        ((2, 4), True),
    ],
)
def test_inside_an_area(point: tuple[float, float], inside: bool) -> None:
    assert AREA.contains(Point(*point)) is inside


@given(st.floats(-2, 12), st.floats(-2, 12))
def test_a_square_with_a_hole_everywhere(x: float, y: float) -> None:
    inside = 0 <= x <= 10 and 0 <= y <= 10 and not (4 < x < 6 and 4 < y < 6)
    margin = min(abs(v - edge) for v in (x, y) for edge in (0, 4, 6, 10))
    if margin > 1e-6:
        assert Area((Polygon(SQUARE, (HOLE,)),)).contains(Point(x, y)) is inside


def test_the_box_around_an_area() -> None:
    assert (AREA.box.west, AREA.box.south, AREA.box.east, AREA.box.north) == (0, 0, 22, 10)
    with pytest.raises(ValueError, match="polygon"):
        Area(())
