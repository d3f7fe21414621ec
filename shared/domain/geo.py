"""Distances and directions on the earth, in WGS-84 degrees and metres.

A sphere is enough: over the tens of kilometres of a county its error (below 0.6 %) is far less than
the size of a satellite's pixel.
"""

from math import asin, atan2, cos, degrees, radians, sin, sqrt
from typing import NamedTuple

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the WGS-84 ellipsoid."""


class Point(NamedTuple):
    """A position in degrees, longitude first as in GeoJSON. WGS-84 unless the name says other."""

    lon: float
    lat: float


def distance_m(a: Point, b: Point) -> float:
    """Great-circle distance in metres (haversine), also right for points close together."""
    phi_a, phi_b = radians(a.lat), radians(b.lat)
    half_lat, half_lon = (phi_b - phi_a) / 2, radians(b.lon - a.lon) / 2
    h = sin(half_lat) ** 2 + cos(phi_a) * cos(phi_b) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(h)))


def bearing(origin: Point, target: Point) -> float:
    """Direction in which `target` lies from `origin`: degrees from north, clockwise, [0, 360).

    0 for two equal points.
    """
    phi_o, phi_t = radians(origin.lat), radians(target.lat)
    d_lon = radians(target.lon - origin.lon)
    east = sin(d_lon) * cos(phi_t)
    north = cos(phi_o) * sin(phi_t) - sin(phi_o) * cos(phi_t) * cos(d_lon)
    return degrees(atan2(east, north)) % 360 % 360  # twice: -1e-15 % 360 is 360.0


def angle_between(a: float, b: float) -> float:
    """The smaller angle between two directions in degrees, [0, 180]."""
    apart = abs(a - b) % 360
    return min(apart, 360 - apart)


def upwind(bearing_to_source: float, wind_from_direction: float, half_angle: float) -> bool:
    """Whether a source lies in the sector from which the wind comes.

    All in degrees. `bearing_to_source`: from the receptor; `wind_from_direction`: as
    meteorologists give it (270: a west wind); `half_angle`: on each side, the edges count.
    """
    return angle_between(bearing_to_source, wind_from_direction) <= half_angle
