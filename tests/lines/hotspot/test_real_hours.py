"""Jining's stations of March 2020: one hangs, one says nothing, three measure."""

import csv
from collections import defaultdict
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from statistics import median

import pytest

from services.hotspot import area, fault
from services.hotspot.signals import StationHour
from services.intake.rows import RowError, read_rows
from services.intake.stations.formats import FORMATS
from services.intake.stations.reading import read_stations
from shared.declaration.signal import Observed
from shared.domain.finding import Finding
from shared.domain.moments import SHANGHAI
from tests.lines.hotspot.playing import play

FILE = Path(__file__).parents[4] / "shared/data/air-quality/jining_region_hourly_2020.csv"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the real data is not here")

STUCK, BLANK = "济宁-市第七中学(启用200103)", "济宁-监测站"
HOUR = timedelta(hours=1)
FLOORS = {"pm25": 35, "pm10": 70, "no2": 60, "o3": 160}


@cache
def hours() -> list[Observed]:
    with FILE.open(encoding="utf-8-sig") as file:
        table = FORMATS["cnemc-hourly"]
        read = read_stations(read_rows(file, table.needed), table, lambda _: None)
        found = [one for one in read if not isinstance(one, RowError)]
    signals = [StationHour.model_validate(one.data()) for one in found]
    return [
        Observed("hotspot", "station-hourly", one)
        for one in sorted(signals, key=lambda s: (s.observed_at, s.device_id))
        if one.device_id.startswith("济宁-")
    ]


def test_the_stuck_and_the_blank_station_are_found_and_no_other() -> None:
    found, _ = play(fault.rule(), hours())
    first: dict[str, Finding] = {}
    for finding in found:
        first.setdefault(finding.subject, finding)
    assert set(first) == {f"{STUCK}:stuck", f"{BLANK}:blank"}
    # After a hole of 13 hours the file goes on at 02:00 UTC.
    assert {f"{f.seen_at:%m-%d %H}" for f in first.values()} == {"03-27 08"}
    assert {f.kind.value for f in found} == {"raise"}


def test_the_stuck_station_makes_no_high_value_although_it_shows_the_highest() -> None:
    found, memory = play(area.rule(), hours())
    assert f"area:{STUCK}" not in {finding.subject for finding in found}
    assert memory["county"].judged is not None
    told = [(f"{f.seen_at:%m-%d %H}", f.subject, f.kind.value) for f in found if f.line is None]
    # NO₂ 41 → 68 while the other two stay at 37 and 30, 57 to 62 for hours, then 16; and again.
    assert told == [
        ("03-30 18", "area:济宁-电化厂", "raise"),
        ("03-30 22", "area:济宁-电化厂", "raise"),
        ("03-31 02", "area:济宁-电化厂", "clear"),
        ("04-01 13", "area:济宁-电化厂", "raise"),
    ]
    assert {f.reading.quantity for f in found if f.reading} == {"no2"}


def test_an_independent_count_agrees() -> None:
    """Over the floor, over 1.5 medians of the three that measure, two hours running."""
    values: dict[str, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    with FILE.open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["City"] != "济宁" or f"济宁-{row['WatchPoint']}" in (STUCK, BLANK):
                continue
            at = (
                int(row["Date"][6:]) * 24
                + int(row["Hour"])
                + (720 if row["Date"] > "20200331" else 0)
            )
            for name, column in (
                ("pm25", "PM2.5"),
                ("pm10", "PM10"),
                ("no2", "NO2"),
                ("o3", "O3_1h"),
            ):
                if row[column] not in ("", "NaN"):
                    values[name][row["WatchPoint"]][at] = float(row[column])
    expected = set()
    for name, floor in FLOORS.items():
        stations = values[name]
        over: dict[str, set[int]] = defaultdict(set)
        for station, series in stations.items():
            for at, value in series.items():
                beside = [s[at] for s in stations.values() if at in s]
                if len(beside) >= 3 and value > floor and value > 1.5 * median(beside):
                    over[station].add(at)
        expected |= {(s, at) for s, ats in over.items() for at in ats if at - 1 in ats}
    found, _ = play(area.rule(), hours())
    raised = {f.subject for f in found if "ratio" in f.facts.get("tests", [])}
    assert raised == {f"area:济宁-{station}" for station, _ in expected}


BEIJING = FILE.with_name("beijing_12sites_hourly_episodes_2015-2017.csv")


def beijing() -> list[Observed]:
    with BEIJING.open(encoding="utf-8-sig") as file:
        table = FORMATS["beijing-uci"]
        read = read_stations(read_rows(file, table.needed), table, lambda _: None)
        signals = [
            StationHour.model_validate(o.data()) for o in read if not isinstance(o, RowError)
        ]
    order = sorted(signals, key=lambda s: (s.observed_at, s.device_id))
    return [Observed("hotspot", "station-hourly", one) for one in order]


def test_a_month_of_twelve_stations_against_an_independent_count() -> None:
    """Which station stands out by the ratio test in which hour: the same from the bare table."""
    values: dict[str, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    whole: dict[tuple[str, int], tuple[str, ...]] = {}
    columns = {"pm25": "PM2.5", "pm10": "PM10", "no2": "NO2", "o3": "O3"}
    with BEIJING.open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            at = int(row["No"])
            said = tuple(row[c] for c in (*columns.values(), "SO2", "CO"))
            whole[row["station"], at] = said
            if whole.get((row["station"], at - 1)) == said:
                continue  # hangs
            for name, column in columns.items():
                if row[column] not in ("", "NA"):
                    values[name][row["station"]][at] = float(row[column])
    expected = set()
    for name, floor in FLOORS.items():
        over = set()
        for station, series in values[name].items():
            for at, value in series.items():
                beside = [s[at] for s in values[name].values() if at in s]
                if len(beside) >= 3 and value > floor and value > 1.5 * median(beside):
                    over.add((station, at))
        expected |= {(s, at) for s, at in over if (s, at - 1) in over}
    found, _ = play(area.rule(), beijing())
    start = datetime(2015, 12, 5, tzinfo=SHANGHAI)
    got = {
        (f.subject.removeprefix("area:Beijing-"), 24217 + round((f.seen_at - start) / HOUR))
        for f in found
        if f.line is None and "ratio" in f.facts.get("tests", [])
    }
    assert len(expected) > 200
    assert got == expected
