"""The station tables that are known, as data: columns, and the unit in which each gives CO.

A unit is declared here by whoever knows the format, never guessed from the numbers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.intake.rows import Row, Wrong
from shared.domain.moments import SHANGHAI, to_utc_millis

POLLUTANTS: Mapping[str, float] = {
    "pm25": 5000,
    "pm10": 10000,
    "so2": 5000,
    "no2": 5000,
    "o3": 2000,
    "co": 200,
}
"""Field of the signal → the highest value that can be true: µg/m³, CO mg/m³."""


@dataclass(frozen=True)
class Format:
    """How one kind of table says what."""

    columns: Mapping[str, str]
    """Field of the signal → column. All must be there."""
    co_unit: Literal["mg/m3", "ug/m3"]
    moment: Callable[[Row], datetime]
    """End of the hour that the values are the mean of, UTC."""
    moment_columns: frozenset[str]
    station: Callable[[Row], tuple[str, str]]
    """Device id where the county pack does not know the station, and the station's name."""
    station_columns: frozenset[str]
    own_place: bool = False
    """It may carry town, lon, lat and qc_flag itself."""

    @property
    def needed(self) -> frozenset[str]:
        return self.moment_columns | self.station_columns | frozenset(self.columns.values())


def _hour(day: datetime, hour: int) -> datetime:
    """Tables name an hour by its end, in Beijing time."""
    return to_utc_millis(day.replace(hour=hour, tzinfo=SHANGHAI))


def _cnemc_moment(row: Row) -> datetime:
    said = row.needed("Date")
    try:
        day = datetime.strptime(said, "%Y%m%d")
    except ValueError:
        raise Wrong("Date", f"“{said[:40]}”不是 YYYYMMDD / not a day") from None
    return _hour(day, row.whole("Hour", 0, 23))


def _uci_moment(row: Row) -> datetime:
    year, month, day = (
        row.whole("year", 1990, 2100),
        row.whole("month", 1, 12),
        row.whole("day", 1, 31),
    )
    try:
        date = datetime(year, month, day)
    except ValueError:
        raise Wrong("day", f"没有 {year}-{month}-{day} 这一天 / no such day") from None
    return _hour(date, row.whole("hour", 0, 23))


def _wide_moment(row: Row) -> datetime:
    said = row.needed("observed_at")
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Wrong(
            "observed_at",
            f"“{said[:40]}”须如 2026-11-23T09:00:00+08:00 / a time with its offset",
        )
    return to_utc_millis(moment)


def _cnemc_station(row: Row) -> tuple[str, str]:
    name = row.needed("WatchPoint")
    return f"{row.needed('City')}-{name}", name


def _uci_station(row: Row) -> tuple[str, str]:
    name = row.needed("station")
    return f"Beijing-{name}", name


def _wide_station(row: Row) -> tuple[str, str]:
    name = row.needed("device_id")
    return name, name


FORMATS: Mapping[str, Format] = {
    # The hourly publication of the national centre, as its collectors store it.
    "cnemc-hourly": Format(
        columns={
            "pm25": "PM2.5",
            "pm10": "PM10",
            "so2": "SO2",
            "no2": "NO2",
            "o3": "O3_1h",
            "co": "CO",
        },
        co_unit="mg/m3",
        moment=_cnemc_moment,
        moment_columns=frozenset({"Date", "Hour"}),
        station=_cnemc_station,
        station_columns=frozenset({"City", "WatchPoint"}),
    ),
    # UCI data set 501, Beijing 2013–2017.
    "beijing-uci": Format(
        columns={
            "pm25": "PM2.5",
            "pm10": "PM10",
            "so2": "SO2",
            "no2": "NO2",
            "o3": "O3",
            "co": "CO",
        },
        co_unit="ug/m3",
        moment=_uci_moment,
        moment_columns=frozenset({"year", "month", "day", "hour"}),
        station=_uci_station,
        station_columns=frozenset({"station"}),
    ),
    # Our own: the fields of the signal as columns, for an office's own export.
    "wide": Format(
        columns={name: name for name in POLLUTANTS},
        co_unit="mg/m3",
        moment=_wide_moment,
        moment_columns=frozenset({"observed_at"}),
        station=_wide_station,
        station_columns=frozenset({"device_id"}),
        own_place=True,
    ),
}
