"""The three datums in which Chinese sources give positions, and the way to WGS-84.

GCJ-02 (国测局) shifts WGS-84 by up to some 700 m in a way that is published only through its
implementations; BD-09 (百度) shifts GCJ-02 once more. The formulas below are those in common use.
"""

from enum import StrEnum
from math import atan2, cos, hypot, pi, radians, sin, sqrt

from shared.domain.geo import Point


class Datum(StrEnum):
    WGS84 = "WGS-84"
    GCJ02 = "GCJ-02"
    BD09 = "BD-09"


_AXIS = 6_378_245.0
"""Semi-major axis (m) and eccentricity² of the Krasovsky 1940 ellipsoid, on which GCJ-02 rests."""
_ECCENTRICITY_2 = 0.006_693_421_622_965_943
_BD_TURN = pi * 3000.0 / 180.0
_CLOSE_ENOUGH = 1e-9
"""Degrees; about 0.1 mm."""


def to_wgs84(point: Point, datum: Datum) -> Point:
    """`point`, given in `datum`, in WGS-84."""
    match datum:
        case Datum.WGS84:
            return point
        case Datum.GCJ02:
            return gcj02_to_wgs84(point)
        case Datum.BD09:
            return gcj02_to_wgs84(bd09_to_gcj02(point))


def wgs84_to_gcj02(point: Point) -> Point:
    """Unchanged outside of China, where GCJ-02 is WGS-84."""
    if not _in_china(point):
        return point
    x, y = point.lon - 105.0, point.lat - 35.0
    phi = radians(point.lat)
    w = 1 - _ECCENTRICITY_2 * sin(phi) ** 2
    metres_per_radian_lat = _AXIS * (1 - _ECCENTRICITY_2) / (w * sqrt(w))
    metres_per_radian_lon = _AXIS / sqrt(w) * cos(phi)
    return Point(
        point.lon + _degrees(_east_m(x, y), metres_per_radian_lon),
        point.lat + _degrees(_north_m(x, y), metres_per_radian_lat),
    )


def gcj02_to_wgs84(point: Point) -> Point:
    """The inverse has no closed form; the shift changes so slowly that a few steps find it."""
    guess = point
    for _ in range(10):
        there = wgs84_to_gcj02(guess)
        off_lon, off_lat = there.lon - point.lon, there.lat - point.lat
        if max(abs(off_lon), abs(off_lat)) < _CLOSE_ENOUGH:
            break
        guess = Point(guess.lon - off_lon, guess.lat - off_lat)
    return guess


def bd09_to_gcj02(point: Point) -> Point:
    """BD-09 turns and stretches GCJ-02 a little; exact to about a metre."""
    x, y = point.lon - 0.0065, point.lat - 0.006
    radius = hypot(x, y) - 0.00002 * sin(y * _BD_TURN)
    turn = atan2(y, x) - 0.000003 * cos(x * _BD_TURN)
    return Point(radius * cos(turn), radius * sin(turn))


def _in_china(point: Point) -> bool:
    """The box that all implementations use; it is no border."""
    return 72.004 <= point.lon <= 137.8347 and 0.8293 <= point.lat <= 55.8271


def _degrees(metres: float, metres_per_radian: float) -> float:
    return metres / metres_per_radian * 180.0 / pi


def _ripple(x: float) -> float:
    return (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0


def _north_m(x: float, y: float) -> float:
    smooth = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    waves = 20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)
    long_waves = 160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y / 30.0 * pi)
    return smooth + _ripple(x) + (waves + long_waves) * 2.0 / 3.0


def _east_m(x: float, y: float) -> float:
    smooth = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    waves = 20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)
    long_waves = 150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)
    return smooth + _ripple(x) + (waves + long_waves) * 2.0 / 3.0
