"""GCJ-02 and BD-09 into WGS-84, and how far off a county is that skips it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.pack.geojson_file import read_area
from shared.domain.datum import Datum, bd09_to_gcj02, gcj02_to_wgs84, to_wgs84, wgs84_to_gcj02
from shared.domain.geo import Point, distance_m

OUTLINE = Path(__file__).parents[4] / "shared/data/boundaries/370828_jinxiang_county.json"
in_china = st.builds(Point, st.floats(73, 135), st.floats(4, 53.5))


@given(in_china)
def test_there_and_back_within_half_a_metre(point: Point) -> None:
    assert distance_m(gcj02_to_wgs84(wgs84_to_gcj02(point)), point) < 0.5


@given(in_china)
def test_back_and_there_within_half_a_metre(point: Point) -> None:
    assert distance_m(wgs84_to_gcj02(gcj02_to_wgs84(point)), point) < 0.5


@given(in_china)
def test_the_shift_is_of_the_known_size(point: Point) -> None:
    assert 10 < distance_m(point, wgs84_to_gcj02(point)) < 1500


def test_tiananmen_as_the_map_services_give_it() -> None:
    """The same gate in the three datums, as published maps mark it: one at its middle, one in front."""
    wgs = Point(116.39119, 39.90783)
    assert distance_m(gcj02_to_wgs84(Point(116.397428, 39.90923)), wgs) < 5
    assert distance_m(to_wgs84(Point(116.403988, 39.914992), Datum.BD09), wgs) < 100


def test_bd09_undoes_its_shift() -> None:
    gcj = bd09_to_gcj02(Point(116.404, 39.915))
    assert gcj.lon == pytest.approx(116.39763, abs=2e-5)
    assert gcj.lat == pytest.approx(39.90866, abs=2e-5)


def test_abroad_nothing_moves() -> None:
    tokyo = Point(139.76, 35.68)
    assert wgs84_to_gcj02(tokyo) == tokyo
    assert to_wgs84(tokyo, Datum.WGS84) == tokyo


@pytest.mark.skipif(not OUTLINE.exists(), reason="the polygon lies outside the checkout")
def test_the_shift_moves_the_countys_border_by_half_a_kilometre() -> None:
    """A place some 250 m inside the eastern border would be outside if GCJ-02 were taken as WGS-84:
    its outline moves as a whole to the north-east."""
    given = json.loads(OUTLINE.read_text(encoding="utf-8"))
    corner = Point(*given["features"][0]["geometry"]["coordinates"][0][0])
    assert 400 < distance_m(corner, to_wgs84(corner, Datum.GCJ02)) < 700
    right, wrong = read_area(OUTLINE, Datum.GCJ02), read_area(OUTLINE, Datum.WGS84)
    westmost = min(right.polygons[0].outer, key=lambda point: point.lon)
    assert right.contains(westmost)
    assert not wrong.contains(westmost)
    inside = Point(westmost.lon + 0.003, westmost.lat)
    assert right.contains(inside), "some 270 m inside of the western tip"
    assert not wrong.contains(inside)
    eastmost = max(wrong.polygons[0].outer, key=lambda point: point.lon)
    assert not right.contains(eastmost), "a neighbour's field, 500 m beyond the border"
