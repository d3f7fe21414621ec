"""Station tables: units by declaration, hours in Beijing time, missing stays missing."""

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.intake.rows import BadTable, RowError, read_rows
from services.intake.stations.formats import FORMATS
from services.intake.stations.reading import StationHour, read_stations
from shared.declaration.county.places import Station

DATA = Path(__file__).parents[4] / "shared/data/air-quality"
CNEMC = "City,Date,Hour,WatchPoint,AQI,PM2.5,PM10,CO,NO2,O3_1h,O3_8h,SO2\n"
UCI = "year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3,station\n"
WIDE = "device_id,observed_at,town,lon,lat,qc_flag,pm25,pm10,so2,no2,o3,co\n"


def read(
    name: str, *lines: str, stations: dict[str, Station] | None = None
) -> list[StationHour | RowError]:
    table = FORMATS[name]
    return list(read_stations(read_rows(lines, table.needed), table, (stations or {}).get))


def taken(found: list[StationHour | RowError]) -> StationHour:
    (hour,) = found
    assert isinstance(hour, StationHour), hour
    return hour


def test_the_national_centres_hour() -> None:
    hour = taken(read("cnemc-hourly", CNEMC, "济宁,20200326,18,火炬城,30,7,30,0.6,18,62,43,7\n"))
    assert hour.data() == {
        "device_id": "济宁-火炬城",
        "observed_at": datetime(2020, 3, 26, 10, tzinfo=UTC),
        "town": None,
        "lon": None,
        "lat": None,
        "avg_period": "PT1H",
        "qc_flag": "N",
        "pm25": 7,
        "pm10": 30,
        "so2": 7,
        "no2": 18,
        "o3": 62,
        "co": 0.6,
    }


def test_carbon_monoxide_in_micrograms_where_the_format_says_so() -> None:
    hour = taken(read("beijing-uci", UCI, "2015,12,5,0,125,162,22,104,3100,10,Aotizhongxin\n"))
    assert hour.values["co"] == 3.1
    assert hour.observed_at == datetime(2015, 12, 4, 16, tzinfo=UTC)


def test_micrograms_where_milligrams_belong_are_refused() -> None:
    (found,) = read("wide", WIDE, "d1,2026-01-02T09:00:00+08:00,,,,,1,2,3,4,5,3100\n")
    assert isinstance(found, RowError)
    assert found.column == "co" and "单位" in found.reason


def test_a_station_that_gives_nothing_is_still_heard() -> None:
    hour = taken(
        read("cnemc-hourly", CNEMC, "济宁,20200326,18,监测站,NaN,NaN,NaN,NaN,NaN,NaN,NaN,NaN\n")
    )
    assert set(hour.values.values()) == {None}
    assert len(hour.values) == 6


def test_a_known_station_has_the_countys_id_and_place() -> None:
    known = Station(
        id="JX-1", name="火炬城", town="370828001", lon=116.3, lat=35.07, kind="national",
        mark="D", source="测试",
    )  # fmt: skip
    row = "济宁,20200326,18,火炬城,30,7,30,0.6,18,62,43,7\n"
    hour = taken(read("cnemc-hourly", CNEMC, row, stations={"火炬城": known}))
    assert (hour.device_id, hour.town, hour.lon, hour.lat) == ("JX-1", "370828001", 116.3, 35.07)


def test_an_offices_own_table_carries_place_and_flag() -> None:
    hour = taken(
        read("wide", WIDE, "d1,2026-01-02T09:00:00+08:00,370828101,116.2,35.1,D,1,2,3,4,5,0.6\n")
    )
    assert (hour.town, hour.lon, hour.lat, hour.qc_flag) == ("370828101", 116.2, 35.1, "D")
    assert hour.observed_at == datetime(2026, 1, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "header", "row", "column"),
    [
        ("cnemc-hourly", CNEMC, "济宁,2020-03-26,18,火炬城,30,7,30,0.6,18,62,43,7\n", "Date"),
        ("cnemc-hourly", CNEMC, "济宁,20200326,24,火炬城,30,7,30,0.6,18,62,43,7\n", "Hour"),
        ("cnemc-hourly", CNEMC, "济宁,20200326,18,,30,7,30,0.6,18,62,43,7\n", "WatchPoint"),
        ("cnemc-hourly", CNEMC, "济宁,20200326,18,火炬城,30,-7,30,0.6,18,62,43,7\n", "PM2.5"),
        ("beijing-uci", UCI, "2015,2,30,0,1,1,1,1,1,1,Dongsi\n", "day"),
        ("beijing-uci", UCI, "2015,2,3,1.5,1,1,1,1,1,1,Dongsi\n", "hour"),
        ("wide", WIDE, "d1,2026-01-02T09:00:00,,,,,1,2,3,4,5,0.6\n", "observed_at"),
        ("wide", WIDE, "d1,2026-01-02T09:00:00+08:00,,116.2,,,1,2,3,4,5,0.6\n", "lat"),
    ],
)
def test_a_wrong_cell_is_named(name: str, header: str, row: str, column: str) -> None:
    (found,) = read(name, header, row)
    assert isinstance(found, RowError)
    assert (found.line, found.column) == (2, column)


def test_another_table_is_refused_as_a_whole() -> None:
    with pytest.raises(BadTable, match="WatchPoint"):
        read("cnemc-hourly", UCI)


def hours_of(file: str, name: str) -> list[StationHour]:
    with (DATA / file).open(encoding="utf-8-sig") as lines:
        found = list(read(name, *lines))
    assert [one for one in found if isinstance(one, RowError)] == []
    return [one for one in found if isinstance(one, StationHour)]


@pytest.mark.skipif(not DATA.exists(), reason="the data lies outside the checkout")
def test_the_real_region_with_its_stuck_and_its_dumb_station() -> None:
    by_station = defaultdict(list)
    for hour in hours_of("jining_region_hourly_2020.csv", "cnemc-hourly"):
        by_station[hour.device_id].append(hour)
    assert sum(map(len, by_station.values())) == 3751
    ours = {name: hours for name, hours in by_station.items() if name.startswith("济宁-")}
    assert {len(hours) for hours in ours.values()} == {67} and len(ours) == 5
    stuck = ours["济宁-市第七中学(启用200103)"]
    assert {tuple(hour.values.items()) for hour in stuck} == {tuple(stuck[0].values.items())}
    assert all(set(hour.values.values()) == {None} for hour in ours["济宁-监测站"])


@pytest.mark.skipif(not DATA.exists(), reason="the data lies outside the checkout")
def test_the_real_winters_of_beijing() -> None:
    hours = hours_of("beijing_12sites_hourly_episodes_2015-2017.csv", "beijing-uci")
    assert (len(hours), len({hour.device_id for hour in hours})) == (8640, 12)
    carbon = [hour.values["co"] for hour in hours if hour.values["co"] is not None]
    assert min(carbon) > 0 and max(carbon) <= 20, "mg/m³"
