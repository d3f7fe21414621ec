"""Station hours as signals of the hotspot line: pure, the county's stations are passed in."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.intake.rows import Row, RowError, Wrong
from services.intake.stations.formats import POLLUTANTS, Format
from shared.declaration.county.places import Station

MAX_DEVICE_ID = 80

FindStation = Callable[[str], Station | None]
"""The county's station of that id or name."""


@dataclass(frozen=True)
class StationHour:
    """One hour at one station. What is missing stays missing: a station that gives nothing, or
    the same value for days, is itself something to find."""

    device_id: str
    observed_at: datetime
    """End of the hour, UTC."""
    town: str | None
    lon: float | None
    lat: float | None
    qc_flag: str
    values: dict[str, float | None]
    """pm25, pm10, so2, no2, o3 in µg/m³, co in mg/m³."""

    def data(self) -> dict[str, Any]:
        """The hotspot line's `station-hourly` signal."""
        return {
            "device_id": self.device_id,
            "observed_at": self.observed_at,
            "town": self.town,
            "lon": self.lon,
            "lat": self.lat,
            "avg_period": "PT1H",
            "qc_flag": self.qc_flag,
            **self.values,
        }


def read_stations(
    rows: Iterable[Row | RowError], table: Format, find: FindStation
) -> Iterator[StationHour | RowError]:
    """Every row as an hour or with the reason why not, in the order of the file."""
    for row in rows:
        if isinstance(row, RowError):
            yield row
            continue
        try:
            yield _hour(row, table, find)
        except Wrong as wrong:
            yield row.error(wrong)


def _hour(row: Row, table: Format, find: FindStation) -> StationHour:
    device_id, name = table.station(row)
    known = find(name)
    if known is not None:
        device_id = known.id
    if len(device_id) > MAX_DEVICE_ID:
        raise Wrong("", f"站点编号长于 {MAX_DEVICE_ID} 字 / the device id is too long")
    town, lon, lat = (known.town, known.lon, known.lat) if known else (None, None, None)
    qc_flag = "N"
    if table.own_place:
        town = row.text("town") or town
        if row.text("lon") or row.text("lat"):
            lon, lat = row.needed_number("lon", 73, 136), row.needed_number("lat", 3, 54)
        qc_flag = row.text("qc_flag") or qc_flag
        if len(qc_flag) > 4:
            raise Wrong("qc_flag", "长于 4 字 / longer than 4")
    return StationHour(
        device_id, table.moment(row), town, lon, lat, qc_flag, dict(_values(row, table))
    )


def _values(row: Row, table: Format) -> Iterator[tuple[str, float | None]]:
    for name, highest in POLLUTANTS.items():
        per_unit = 1000 if name == "co" and table.co_unit == "ug/m3" else 1
        value = row.number(table.columns[name], 0, highest * per_unit)
        yield name, None if value is None else round(value / per_unit, 6)
