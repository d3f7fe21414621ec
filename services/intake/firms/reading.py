"""Fire points of NASA FIRMS as its CSV files give them: pure, nothing known of counties."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from services.intake.rows import BadTable, Row, RowError, Wrong
from shared.domain.geo import Point

Sensor = Literal["VIIRS", "MODIS"]
Level = Literal["low", "nominal", "high"]

_SATELLITES = {
    "N": "SNPP",
    "SNPP": "SNPP",
    "1": "NOAA20",
    "N20": "NOAA20",
    "J1": "NOAA20",
    "NOAA20": "NOAA20",
    "2": "NOAA21",
    "N21": "NOAA21",
    "J2": "NOAA21",
    "NOAA21": "NOAA21",
    "T": "Terra",
    "TERRA": "Terra",
    "A": "Aqua",
    "AQUA": "Aqua",
}
"""FIRMS has changed its short names over the years."""
_LEVELS: dict[str, Level] = {
    "l": "low",
    "low": "low",
    "n": "nominal",
    "nominal": "nominal",
    "h": "high",
    "high": "high",
}
NEEDED = frozenset(
    {"latitude", "longitude", "scan", "track", "acq_date", "acq_time", "satellite", "confidence"}
)


@dataclass(frozen=True)
class FirePoint:
    """One hot pixel. Times in UTC, position WGS-84 (the middle of the pixel)."""

    sensor: Sensor
    satellite: str
    observed_at: datetime
    point: Point
    confidence: Level | float
    """In words for VIIRS, 0–100 for MODIS, as FIRMS gives it."""
    confidence_level: Level
    brightness_k: float
    """Kelvin: channel I-4 of VIIRS, 21/22 of MODIS."""
    frp_mw: float | None
    scan_km: float
    track_km: float
    """Size of the pixel across and along the track."""
    daynight: Literal["D", "N"] | None

    @property
    def device_id(self) -> str:
        return f"{self.sensor}/{self.satellite}"

    def data(self) -> dict[str, Any]:
        """The burning line's `satellite` signal."""
        return {
            "device_id": self.device_id,
            "observed_at": self.observed_at,
            "lon": self.point.lon,
            "lat": self.point.lat,
            "town": None,
            "qc_flag": "N",
            "sensor": self.sensor,
            "satellite": self.satellite,
            "confidence": self.confidence,
            "confidence_level": self.confidence_level,
            "brightness_k": self.brightness_k,
            "frp_mw": self.frp_mw,
            "scan_km": self.scan_km,
            "track_km": self.track_km,
            "daynight": self.daynight,
        }


def read_firms(rows: Iterable[Row | RowError]) -> Iterator[FirePoint | RowError]:
    """Every row as a point or with the reason why not, in the order of the file.

    Raises BadTable when the table is neither of VIIRS nor of MODIS.
    """
    for row in rows:
        if isinstance(row, RowError):
            yield row
            continue
        if not row.cells.keys() & {"bright_ti4", "brightness", "instrument"}:
            raise BadTable("没有亮温列 bright_ti4 或 brightness / no brightness column")
        try:
            yield _fire_point(row)
        except Wrong as wrong:
            yield row.error(wrong)


def _fire_point(row: Row) -> FirePoint:
    sensor = _sensor(row)
    satellite = _satellite(row, sensor)
    confidence, level = _confidence(row, sensor)
    return FirePoint(
        sensor=sensor,
        satellite=satellite,
        observed_at=_observed_at(row),
        point=Point(
            row.needed_number("longitude", -180, 180), row.needed_number("latitude", -90, 90)
        ),
        confidence=confidence,
        confidence_level=level,
        brightness_k=row.needed_number(
            "bright_ti4" if sensor == "VIIRS" else "brightness", 150, 1000
        ),
        frp_mw=row.number("frp", 0, 100_000),
        scan_km=row.needed_number("scan", 0, 10),
        track_km=row.needed_number("track", 0, 10),
        daynight=_daynight(row),
    )


def _sensor(row: Row) -> Sensor:
    """By the instrument where it is named; the near-real-time files of MODIS do not name it."""
    named = row.text("instrument").upper()
    if named in ("VIIRS", "MODIS"):
        return "VIIRS" if named == "VIIRS" else "MODIS"
    if named:
        raise Wrong("instrument", f"不认识“{named[:40]}” / neither VIIRS nor MODIS")
    return "VIIRS" if "bright_ti4" in row.cells else "MODIS"


def _satellite(row: Row, sensor: Sensor) -> str:
    said = row.needed("satellite")
    found = _SATELLITES.get(said.upper().replace("-", "").replace(" ", ""))
    if found is None or (found in ("Terra", "Aqua")) != (sensor == "MODIS"):
        raise Wrong("satellite", f"“{said[:40]}”没有 {sensor} / no satellite with {sensor}")
    return found


def _observed_at(row: Row) -> datetime:
    """UTC. `acq_time` is HHMM and often has lost its leading zeros."""
    day, minute = row.needed("acq_date"), row.needed("acq_time")
    if not (minute.isascii() and minute.isdigit() and len(minute) <= 4):
        raise Wrong("acq_time", f"“{minute[:40]}”不是 HHMM / not HHMM")
    padded = minute.zfill(4)
    if not (padded[:2] < "24" and padded[2:] < "60"):
        raise Wrong("acq_time", f"没有 {padded} 这个时刻 / no such time")
    try:
        return datetime.strptime(f"{day} {padded}", "%Y-%m-%d %H%M").replace(tzinfo=UTC)
    except ValueError:
        raise Wrong("acq_date", f"“{day[:40]}”不是 YYYY-MM-DD / not a day") from None


def _confidence(row: Row, sensor: Sensor) -> tuple[Level | float, Level]:
    """FIRMS's own classes for MODIS: below 30 low, from 80 on high."""
    said = row.needed("confidence")
    if sensor == "VIIRS":
        level = _LEVELS.get(said.lower())
        if level is None:
            raise Wrong("confidence", f"“{said[:40]}”不是 low、nominal、high / no such level")
        return level, level
    value = row.needed_number("confidence", 0, 100)
    return value, "low" if value < 30 else "nominal" if value < 80 else "high"


def _daynight(row: Row) -> Literal["D", "N"] | None:
    said = row.text("daynight").upper()
    if said == "D":
        return "D"
    if said == "N":
        return "N"
    if not said:
        return None
    raise Wrong("daynight", f"“{said[:40]}”不是 D、N / neither D nor N")
