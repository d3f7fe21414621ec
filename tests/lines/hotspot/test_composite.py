"""The composite index on real data, against another calculation; ties, and who is left out."""

import csv
import statistics
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from shared.declaration.composite_terms import coverage_of, norms_on
from shared.domain.composite import (
    POLLUTANTS,
    Coverage,
    Month,
    Norm,
    composite,
    day_values,
    mean_of,
    month_values,
    percentile,
    ranking,
)
from tests.lines.facts import county_facts

DATA = Path(__file__).parents[4] / "shared/data/air-quality"
DAILY = DATA / "shandong_region_daily_2013-2017.csv"
HOURLY = DATA / "beijing_12sites_hourly_episodes_2015-2017.csv"
real = pytest.mark.skipif(not DAILY.exists(), reason="the real data is not here")
COLUMNS = {"so2": "SO2", "no2": "NO2", "pm10": "PM10", "pm25": "PM2.5", "co": "CO", "o3": "O3"}


def test_limits_and_weights_change_with_the_day() -> None:
    before, after = (norms_on(date(2026, month, 1), county_facts()) for month in (2, 3))
    assert before == {
        "so2": Norm(60, 1),
        "no2": Norm(40, 1),
        "pm10": Norm(70, 1),
        "pm25": Norm(35, 1),
        "co": Norm(4, 1),
        "o3": Norm(160, 1),
    }
    assert {name: after[name].weight for name in POLLUTANTS} == {
        "so2": 1, "no2": 2, "pm10": 1, "pm25": 3, "co": 1, "o3": 2,
    }  # fmt: skip
    assert (after["pm25"].limit, after["pm10"].limit) == (30, 60)


def test_percentiles_are_those_of_hj663() -> None:
    assert percentile([10, 20, 30, 40], 0.9) == pytest.approx(37)
    assert percentile([7], 0.95) == 7
    assert percentile([3, 1, 2], 1) == 3
    with pytest.raises(ValueError, match="values"):
        percentile([], 0.5)


def cities(month: str) -> dict[str, list[dict[str, float]]]:
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    with DAILY.open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["Date"].startswith(month):
                day = {name: float(row[column]) for name, column in COLUMNS.items() if row[column]}
                found[row["City"]].append(day)
    return found


def elsewhere(days: list[dict[str, float]], norms: Mapping[str, Norm]) -> float:
    """The same, by the library's own quantiles and means."""

    def column(name: str) -> list[float]:
        return [day[name] for day in days if name in day]

    def cut(name: str, percent: int) -> float:
        return statistics.quantiles(column(name), n=100, method="inclusive")[percent - 1]

    said = {name: statistics.fmean(column(name)) for name in ("so2", "no2", "pm10", "pm25")}
    said |= {"co": cut("co", 95), "o3": cut("o3", 90)}
    return sum(norms[name].weight * said[name] / norms[name].limit for name in said)


@real
@pytest.mark.parametrize("month", ["2014-01", "2015-12", "2016-12"])
def test_the_cities_of_the_region_against_another_calculation(month: str) -> None:
    first = date.fromisoformat(f"{month}-01")
    norms, coverage = norms_on(first, county_facts()), coverage_of(first, county_facts())
    months = {city: month_values(days, coverage) for city, days in cities(month).items()}
    found = ranking(months, norms)
    expected = {c: elsewhere(d, norms) for c, d in cities(month).items() if len(d) >= 27}
    assert {place.name for place in found.places} == set(expected)
    for place in found.places:
        assert place.composite.exact == pytest.approx(expected[place.name])
        assert place.composite.value == round(expected[place.name] + 1e-9, 2)
    order = sorted(expected, key=lambda city: expected[city])
    assert [place.name for place in found.places] == order
    assert [name for name, _ in found.left_out] == sorted(set(months) - set(expected))


@real
def test_station_hours_of_beijing_against_another_calculation() -> None:
    """CO is in µg/m³ there. Hours are named by their beginning: 0 to 23."""
    hours: dict[tuple[str, str], dict[int, dict[str, float]]] = defaultdict(dict)
    with HOURLY.open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if (row["year"], row["month"]) != ("2015", "12"):
                continue
            values = {
                name: float(row[column]) / (1000 if name == "co" else 1)
                for name, column in COLUMNS.items()
                if row[column] not in ("", "NA")
            }
            hours[row["station"], row["day"]][int(row["hour"]) + 1] = values
    first = date(2015, 12, 1)
    norms = norms_on(first, county_facts())
    coverage = Coverage(day_hours=20, window_hours=6, day_windows=14, month_days=10)
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    expected: dict[str, list[dict[str, float]]] = defaultdict(list)
    for (station, _), day in hours.items():
        found[station].append(day_values(day, coverage, norms))
        expected[station].append(_another_day(day))
    assert len(found) == 12
    for station, days in found.items():
        assert [sorted(day) for day in days] == [sorted(day) for day in expected[station]]
        index = composite(month_values(days, coverage).concentrations, norms)
        assert index.exact == pytest.approx(elsewhere(expected[station], norms))
    strict = coverage_of(first, county_facts())
    months = {station: month_values(days, strict) for station, days in found.items()}
    assert ranking(months, norms).places == ()
    assert len(ranking(months, norms).left_out) == 12, "15 days of a month are too few"


def _another_day(hours: dict[int, dict[str, float]]) -> dict[str, float]:
    said: dict[str, float] = {}
    for name in ("so2", "no2", "pm10", "pm25", "co"):
        values = [hour[name] for hour in hours.values() if name in hour]
        if len(values) >= 20:
            said[name] = statistics.fmean(values)
    ozone = [hours.get(hour, {}).get("o3") for hour in range(1, 25)]
    windows = [[v for v in ozone[i : i + 8] if v is not None] for i in range(17)]
    means = [statistics.fmean(window) for window in windows if len(window) >= 6]
    if len(means) >= 14 or (means and max(means) > 160):
        said["o3"] = max(means)
    return said


COVERAGE = Coverage(day_hours=20, window_hours=6, day_windows=14, month_days=2)


def hours_of(count: int, value: float = 50) -> dict[int, dict[str, float]]:
    return {hour: dict.fromkeys(POLLUTANTS, value) for hour in range(1, count + 1)}


def test_a_day_with_nineteen_hours_is_no_day_but_its_ozone_counts_above_the_limit() -> None:
    norms = norms_on(date(2026, 1, 1), county_facts())
    assert set(day_values(hours_of(20), COVERAGE, norms)) == set(POLLUTANTS)
    assert set(day_values(hours_of(19), COVERAGE, norms)) == {"o3"}
    assert day_values(hours_of(12), COVERAGE, norms) == {}
    assert day_values(hours_of(12, 161), COVERAGE, norms) == {"o3": 161}


def test_a_town_is_the_mean_of_its_stations_that_measured() -> None:
    assert mean_of([{"pm25": 40.0, "co": 1.0}, {"pm25": 60.0}, {}]) == {"pm25": 50.0, "co": 1.0}


def month_with(**changed: float) -> Month:
    day = {"so2": 6.0, "no2": 20.0, "pm10": 70.0, "pm25": 35.0, "co": 0.4, "o3": 80.0, **changed}
    return month_values([day, day], COVERAGE)


def test_ties_share_a_rank_and_the_next_takes_the_one_after_them() -> None:
    norms = norms_on(date(2026, 1, 1), county_facts())
    units = {
        "马庙镇": month_with(pm25=70.0),
        "羊山镇": month_with(),
        "鸡黍镇": month_with(pm25=35.001),
        "司马镇": month_with(pm25=10.5),
        "霄云镇": month_values([{"pm25": 1.0}], COVERAGE),
    }
    found = ranking(units, norms)
    assert [(p.rank, p.name, p.composite.value) for p in found.places] == [
        (1, "司马镇", 2.5),
        (2, "羊山镇", 3.2),
        (2, "鸡黍镇", 3.2),
        (4, "马庙镇", 4.2),
    ]
    assert found.left_out == (("霄云镇", POLLUTANTS),)


def test_no_index_without_all_six() -> None:
    norms = norms_on(date(2026, 1, 1), county_facts())
    with pytest.raises(ValueError, match="co"):
        composite(dict.fromkeys(("so2", "no2", "pm10", "pm25", "o3"), 1.0), norms)
