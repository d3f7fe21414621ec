"""Every published hour of HJ 633-2012 and every known case of HJ 633-2026, reproduced."""

import csv
import json
from decimal import Decimal

import pytest

from shared.domain.aqi import Concentration, aqi
from shared.domain.aqi_table import AqiTable, Column, Period
from tests.unit.aqi.conftest import published, readings

PRIMARY = {
    "细颗粒物(PM2.5)": "pm25",
    "颗粒物(PM10)": "pm10",
    "臭氧1小时": "o3_1h",
    "二氧化硫": "so2",
    "二氧化氮": "no2",
    "一氧化碳": "co",
}
COLUMNS = {
    "pm25": "pm25_1h",
    "pm10": "pm10_1h",
    "so2": "so2_1h",
    "no2": "no2_1h",
    "co": "co_1h_mg",
    "o3_1h": "o3_1h",
}
NAMES = {"PM25": "pm25", "PM10": "pm10", "SO2": "so2", "NO2": "no2", "CO": "co"}


def test_4490_published_hours_of_2012_come_out_the_same(old: AqiTable) -> None:
    with published("hj633_2012_hourly.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4490
    for row in rows:
        given = {
            name: Concentration(Decimal(row[column]), "mg/m3" if name == "co" else "ug/m3")
            for name, column in COLUMNS.items()
        }
        found = aqi(old, Period.HOUR, given)
        assert found.level is not None
        assert (found.value, set(found.primary), found.level.name) == (
            int(row["expected_aqi"]),
            {PRIMARY[name] for name in row["expected_primary"].split(",") if name},
            row["expected_level"],
        ), row


def column_of(table: AqiTable, item: str) -> Column:
    """`PM10_24H` or `O3_8H` as the cases name them; an hour's PM stands in the 24 h column."""
    pollutant, averaging = item.split("_")
    period = Period.HOUR if averaging == "1H" else Period.DAY
    name = f"o3_{averaging.lower()}" if pollutant == "O3" else NAMES[pollutant]
    return table.columns(period)[name]


def test_the_table_of_2026_is_the_standards_table_3(new: AqiTable) -> None:
    told = json.loads(published("hj633_2026_table3.json").read_text(encoding="utf-8"))
    assert list(new.steps) == told["iaqi"]
    for item, values in told["breakpoints"].items():
        column = column_of(new, item.replace("PM2.5", "PM25").upper())
        assert [float(value) for value in column.breakpoints] == [
            value for value in values if value is not None
        ], item
    for told_cap, index in told["caps"].items():
        item, limit = told_cap.split(" > ")
        assert column_of(new, item.upper()).iaqi(new.steps, Decimal(limit) + 1) == index


def test_every_iaqi_case_of_2026_comes_out_the_same(new: AqiTable) -> None:
    cases = json.loads(published("hj633_2026_cases.json").read_text(encoding="utf-8"))["iaqi"]
    assert len(cases) == 56
    for case in cases:
        # Where a case contradicts the standard's own table, the table decides.
        expected = case["iaqi"] if case["agrees_with_table3"] else case["table3_iaqi"]
        column = column_of(new, case["item"])
        assert column.iaqi(new.steps, Decimal(str(case["value"]))) == expected, case


def test_every_aqi_case_of_2026_comes_out_the_same(new: AqiTable) -> None:
    cases = json.loads(published("hj633_2026_cases.json").read_text(encoding="utf-8"))["aqi_cases"]
    assert len(cases) == 5
    for case in cases:
        period = Period.HOUR if case["type"] == "hourly" else Period.DAY
        ozone = "o3_1h" if period is Period.HOUR else "o3_8h"
        given = {name: case[name] for name in ("pm25", "pm10", "so2", "no2", "co")}
        given[ozone] = case["o3"]
        # The cases write a missing pollutant as a negative number.
        found = aqi(new, period, readings(**{k: v if v >= 0 else None for k, v in given.items()}))
        expected = case["aqi"] if case["agrees_with_table3"] else case["table3_aqi"]
        assert found.highest == expected, case
        assert found.value == (None if found.missing and expected <= 100 else expected), case


@pytest.mark.parametrize(
    ("name", "value", "of_2012", "of_2026"), [("pm25", 75, 100, 114), ("pm10", 150, 100, 112)]
)
def test_what_changed_on_1_march_2026(
    old: AqiTable, new: AqiTable, name: str, value: int, of_2012: int, of_2026: int
) -> None:
    given = readings(**{name: value})
    assert aqi(old, Period.HOUR, given).value == of_2012
    assert aqi(new, Period.HOUR, given).value == of_2026
