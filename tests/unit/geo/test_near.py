"""The index finds what a look at every point finds."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.geo import Point, distance_m
from shared.domain.near import NearIndex

points = st.builds(Point, st.floats(115.9, 116.7), st.floats(34.6, 35.5))


@given(st.lists(points, max_size=60), points, st.floats(0, 40_000), st.floats(50, 20_000))
def test_it_finds_what_a_scan_finds(
    held: list[Point], asked: Point, metres: float, cell: float
) -> None:
    index: NearIndex[int] = NearIndex(cell_m=cell)
    for number, point in enumerate(held):
        index.add(point, number)
    found = index.within(asked, metres)
    assert sorted(number for _, number in found) == [
        number for number, point in enumerate(held) if distance_m(asked, point) <= metres
    ]
    assert [away for away, _ in found] == sorted(away for away, _ in found)


def test_what_is_taken_out_is_gone() -> None:
    index: NearIndex[str] = NearIndex()
    here = Point(116.3, 35.0)
    index.add(here, "a")
    index.add(here, "b")
    assert index.remove(here, "a")
    assert not index.remove(here, "a")
    assert index.within(here, 1) == [(0.0, "b")]
    assert len(index) == 1


def test_a_cell_has_a_size() -> None:
    with pytest.raises(ValueError, match="cell_m"):
        NearIndex(cell_m=0)


def test_many_points_are_not_all_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    index: NearIndex[int] = NearIndex(cell_m=500)
    for number in range(10_000):
        index.add(Point(116.1 + number % 100 * 0.004, 34.85 + number // 100 * 0.004), number)
    measured = 0

    def counted(a: Point, b: Point) -> float:
        nonlocal measured
        measured += 1
        return distance_m(a, b)

    monkeypatch.setattr("shared.domain.near.distance_m", counted)
    started = perf_counter()
    found = index.within(Point(116.3, 35.05), 500)
    assert found
    assert measured < 50
    assert perf_counter() - started < 0.1
