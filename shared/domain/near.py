"""Which of many points lie within some metres of a place, without looking at all of them."""

from collections.abc import Iterator
from math import ceil, cos, floor, radians
from typing import Generic, TypeVar

from shared.domain.geo import EARTH_RADIUS_M, Point, distance_m

T = TypeVar("T")

_METRES_PER_DEGREE = EARTH_RADIUS_M * radians(1)
_Cell = tuple[int, int]


class NearIndex(Generic[T]):
    """Points in buckets of about `cell_m` metres. Choose it near the distances asked for.

    Not for areas across the date line or at the poles; a county has neither.
    """

    def __init__(self, cell_m: float = 1000.0) -> None:
        if not cell_m > 0:
            raise ValueError("cell_m must be positive")
        self._step = cell_m / _METRES_PER_DEGREE
        self._cells: dict[_Cell, list[tuple[Point, T]]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, point: Point, value: T) -> None:
        self._cells.setdefault(self._cell(point), []).append((point, value))
        self._count += 1

    def remove(self, point: Point, value: T) -> bool:
        """Take out one such pair; False when there is none."""
        cell = self._cells.get(self._cell(point), [])
        try:
            cell.remove((point, value))
        except ValueError:
            return False
        if not cell:
            del self._cells[self._cell(point)]
        self._count -= 1
        return True

    def within(self, point: Point, metres: float) -> list[tuple[float, T]]:
        """(distance in metres, value) of all at most `metres` away, the nearest first."""
        found = [
            (away, value)
            for there, value in self._candidates(point, metres)
            if (away := distance_m(point, there)) <= metres
        ]
        return sorted(found, key=lambda pair: pair[0])

    def _cell(self, point: Point) -> _Cell:
        return floor(point.lon / self._step), floor(point.lat / self._step)

    def _candidates(self, point: Point, metres: float) -> Iterator[tuple[Point, T]]:
        if metres < 0:
            return
        reach_lat = metres / _METRES_PER_DEGREE
        # A degree of longitude is shortest at the end that is nearer to the pole.
        narrow = cos(radians(min(89.0, abs(point.lat) + reach_lat)))
        rows = ceil(reach_lat / self._step)
        columns = ceil(reach_lat / narrow / self._step)
        x, y = self._cell(point)
        if (2 * rows + 1) * (2 * columns + 1) > len(self._cells):
            for cell, held in self._cells.items():
                if abs(cell[0] - x) <= columns and abs(cell[1] - y) <= rows:
                    yield from held
            return
        for column in range(x - columns, x + columns + 1):
            for row in range(y - rows, y + rows + 1):
                yield from self._cells.get((column, row), ())
