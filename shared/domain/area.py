"""Areas on the map: polygons with holes, several of them together, and whether a point is inside."""

from dataclasses import dataclass, field
from itertools import pairwise

from shared.domain.geo import Point

_ON_EDGE = 1e-9
"""Degrees (0.1 mm): how near to an edge a point counts as on it."""

Ring = tuple[Point, ...]


@dataclass(frozen=True)
class Polygon:
    """An outer ring and its holes, each closed (last point = first), WGS-84 degrees."""

    outer: Ring
    holes: tuple[Ring, ...] = ()

    def contains(self, point: Point) -> bool:
        """The boundary, also that of a hole, counts as inside."""
        rings = (self.outer, *self.holes)
        if any(_on_edge(point, ring) for ring in rings):
            return True
        return _inside(point, self.outer) and not any(_inside(point, hole) for hole in self.holes)


@dataclass(frozen=True)
class Box:
    """West, south, east, north in degrees; does not cross the date line."""

    west: float
    south: float
    east: float
    north: float

    def contains(self, point: Point) -> bool:
        return self.west <= point.lon <= self.east and self.south <= point.lat <= self.north

    def grown(self, degrees: float) -> "Box":
        """The box with a margin of `degrees` on every side."""
        return Box(
            self.west - degrees, self.south - degrees, self.east + degrees, self.north + degrees
        )


@dataclass(frozen=True)
class Area:
    """One polygon or several (GeoJSON Polygon or MultiPolygon)."""

    polygons: tuple[Polygon, ...]
    box: Box = field(init=False)
    """The smallest one around all of it."""

    def __post_init__(self) -> None:
        if not self.polygons:
            raise ValueError("an area needs a polygon")
        points = [point for polygon in self.polygons for point in polygon.outer]
        lons, lats = [p.lon for p in points], [p.lat for p in points]
        object.__setattr__(self, "box", Box(min(lons), min(lats), max(lons), max(lats)))

    def contains(self, point: Point) -> bool:
        """Whether `point` lies in it or on its boundary."""
        if not self.box.grown(_ON_EDGE).contains(point):
            return False
        return any(polygon.contains(point) for polygon in self.polygons)


def _inside(point: Point, ring: Ring) -> bool:
    """Even-odd rule: a ray to the east crosses the ring an odd number of times."""
    inside = False
    for a, b in pairwise(ring):
        # Half-open in latitude, so that a ray through a corner counts its two edges once.
        if (a.lat > point.lat) != (b.lat > point.lat):
            crossing = a.lon + (point.lat - a.lat) / (b.lat - a.lat) * (b.lon - a.lon)
            if point.lon < crossing:
                inside = not inside
    return inside


def _on_edge(point: Point, ring: Ring) -> bool:
    return any(_near_segment(point, a, b) for a, b in pairwise(ring))


def _near_segment(point: Point, a: Point, b: Point) -> bool:
    dx, dy = b.lon - a.lon, b.lat - a.lat
    px, py = point.lon - a.lon, point.lat - a.lat
    length_2 = dx * dx + dy * dy
    along = 0.0 if length_2 == 0 else max(0.0, min(1.0, (px * dx + py * dy) / length_2))
    off_x, off_y = px - along * dx, py - along * dy
    return off_x * off_x + off_y * off_y <= _ON_EDGE * _ON_EDGE
