"""What the camera noted: when (DateTimeOriginal) and where (GPS). Rubbish counts as nothing noted."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from math import isfinite
from typing import Any

from PIL import Image

from shared.domain.geo import Point
from shared.domain.moments import SHANGHAI, to_utc_millis

log = logging.getLogger(__name__)
_EXIF, _GPS = 0x8769, 0x8825
_DATE_TIME_ORIGINAL, _OFFSET_TIME_ORIGINAL, _SUBSEC_ORIGINAL = 0x9003, 0x9011, 0x9291
_LAT_REF, _LAT, _LON_REF, _LON, _DATUM = 1, 2, 3, 4, 18
_EARLIEST = 1990
"""Before that there was no digital camera; clocks that were never set say so."""


def noted(image: Image.Image) -> tuple[datetime | None, Point | None]:
    """(when in UTC, where in WGS-84). A time without offset is the county's: Asia/Shanghai."""
    try:
        exif = image.getexif()
        own, gps = exif.get_ifd(_EXIF), exif.get_ifd(_GPS)
    except Exception as error:
        log.info("exif cannot be read: %s", type(error).__name__)
        return None, None
    return _attempt(_taken_at, own), _attempt(_place, gps)


def _attempt(read: Any, tags: Mapping[int, Any]) -> Any:
    """Anybody can write anything there, and Pillow hands it on as it is."""
    try:
        return read(tags)
    except Exception as error:
        log.info("exif says nothing that can be read: %s", type(error).__name__)
        return None


def _taken_at(tags: Mapping[int, Any]) -> datetime | None:
    said = _text(tags.get(_DATE_TIME_ORIGINAL))
    if not said:
        return None
    local = datetime.strptime(said, "%Y:%m:%d %H:%M:%S")
    if local.year < _EARLIEST:
        return None
    fraction = _text(tags.get(_SUBSEC_ORIGINAL))
    if fraction.isdecimal() and fraction.isascii():
        local += timedelta(seconds=float(f"0.{fraction[:6]}"))
    offset = _text(tags.get(_OFFSET_TIME_ORIGINAL))
    return to_utc_millis(local.replace(tzinfo=_zone(offset) or SHANGHAI))


def _zone(said: str) -> timezone | None:
    """`+08:00`; None where nothing sensible is said."""
    try:
        moment = datetime.strptime(said, "%z")
    except ValueError:
        return None
    offset = moment.utcoffset()
    return timezone(offset) if offset is not None and abs(offset) <= timedelta(hours=14) else None


def _place(tags: Mapping[int, Any]) -> Point | None:
    datum = "".join(c for c in _text(tags.get(_DATUM)).upper() if c.isalnum())
    if datum not in ("", "WGS84"):
        return None  # shifted by hundreds of metres: no place is better than a wrong one
    lat = _degrees(tags.get(_LAT), _text(tags.get(_LAT_REF)), "NS", 90)
    lon = _degrees(tags.get(_LON), _text(tags.get(_LON_REF)), "EW", 180)
    if lat is None or lon is None or (lat == 0 and lon == 0):
        return None  # null island: no fix yet
    return Point(round(lon, 7), round(lat, 7))


def _degrees(parts: Any, ref: str, refs: str, most: float) -> float | None:
    """Degrees, minutes and seconds as one number; south and west are negative."""
    if parts is None or ref[:1].upper() not in refs or not ref:
        return None
    degrees, minutes, seconds = (float(part) for part in parts)
    found = degrees + minutes / 60 + seconds / 3600
    if not isfinite(found) or not 0 <= found <= most:
        return None
    return -found if ref[:1].upper() == refs[1] else found


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "ignore")
    return str(value).strip(" \0\r\n\t") if value is not None else ""
