"""What an AQI is published from, and what is refused."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.declaration.county.standards import NoStandard, Standards
from shared.domain.aqi import Concentration, UnfitReading, aqi
from shared.domain.aqi_table import AqiTable, Period
from tests.unit.aqi.conftest import readings

CLEAN = {"pm25": 10, "pm10": 20, "so2": 10, "no2": 20, "co": 0.4, "o3_1h": 60, "o3_8h": 60}


def test_the_day_of_the_reading_in_shanghai_picks_the_table(standards: Standards) -> None:
    midnight = datetime(2026, 2, 28, 16, tzinfo=UTC)  # 2026-03-01 00:00 in Shanghai
    assert standards.aqi_for(midnight).standard == "HJ633-2026"
    assert standards.aqi_for(midnight - timedelta(milliseconds=1)).standard == "HJ633-2012"
    assert standards.aqi_for(datetime(2013, 12, 2, tzinfo=UTC)).standard == "HJ633-2012"
    with pytest.raises(NoStandard, match="HJ633-2026"):
        standards.aqi_named("HJ633-2019")


def test_an_index_is_rounded_up_but_never_by_the_noise_of_floats(
    old: AqiTable, new: AqiTable
) -> None:
    column = old.day["pm25"]
    assert column.iaqi(old.steps, Decimal("75.1")) == 101
    assert column.iaqi(old.steps, Decimal(75)) == 100
    # 24 readings of one decimal, whose mean is exactly 75: in floats it is 75.00000000000001
    noisy = sum([75.1] * 8 + [74.9] * 8 + [75.0] * 8) / 24
    assert noisy != 75
    assert aqi(old, Period.DAY, readings(pm25=noisy)).iaqi["pm25"] == 100
    for table in (old, new):
        for name, column in {**table.hour, **table.day}.items():
            for step, point in zip(table.steps, column.breakpoints, strict=False):
                assert column.iaqi(table.steps, point) == step, (name, point)


def test_no_primary_pollutant_up_to_50_and_several_on_a_tie(new: AqiTable) -> None:
    assert aqi(new, Period.HOUR, readings(**{**CLEAN, "pm25": 35})).primary == ()
    tied = aqi(new, Period.HOUR, readings(**{**CLEAN, "pm25": 60, "pm10": 120}))
    assert (tied.value, tied.primary) == (100, ("pm25", "pm10"))
    assert tied.level is not None
    assert (tied.level.number, tied.level.name) == (2, "良")
    worst = aqi(new, Period.DAY, readings(**{**CLEAN, "o3_8h": 161}))
    assert (worst.value, worst.primary) == (101, ("o3_8h",))


def test_a_missing_pollutant_silences_good_air_under_2026_only(
    old: AqiTable, new: AqiTable
) -> None:
    good = readings(**{**CLEAN, "pm25": 60, "co": None})
    found = aqi(new, Period.HOUR, good)
    assert (found.value, found.level, found.primary, found.highest) == (None, None, (), 100)
    assert found.missing == ("co",)
    assert aqi(old, Period.HOUR, good).value == 82
    bad = readings(**{**CLEAN, "pm25": Decimal("60.1"), "co": None})
    assert aqi(new, Period.HOUR, bad).value == 101
    for table in (old, new):
        assert aqi(table, Period.HOUR, {}).value is None


def test_the_other_ozone_of_the_period_is_not_used(new: AqiTable) -> None:
    assert aqi(new, Period.HOUR, readings(**{**CLEAN, "o3_8h": 700})).value == 20
    assert aqi(new, Period.DAY, readings(**{**CLEAN, "o3_1h": 700})).value == 30


def test_beyond_the_last_breakpoint(old: AqiTable, new: AqiTable) -> None:
    given = readings(**{**CLEAN, "so2": 801})
    assert aqi(new, Period.HOUR, given).value == 200
    assert aqi(new, Period.DAY, readings(**{**CLEAN, "o3_8h": 801})).value == 300
    no_longer_counted = aqi(old, Period.HOUR, given)
    assert (no_longer_counted.value, no_longer_counted.missing) == (20, ("so2",))
    for table in (old, new):
        worst = aqi(table, Period.HOUR, readings(**{**CLEAN, "pm25": 1e12}))
        assert (worst.value, worst.primary) == (500, ("pm25",))
        assert worst.level is not None
        assert worst.level.name == "严重污染"


def test_which_mean_of_particulates_an_hour_takes(old: AqiTable, new: AqiTable) -> None:
    assert (old.hour_particulates, new.hour_particulates) == ("24h", "1h")
    assert new.hour["pm25"].averaging == "24h"


@pytest.mark.parametrize(
    ("name", "value", "unit", "right"),
    [
        ("pm25", 0.075, "mg/m3", "以 ug/m3 报送，系统不换算"),
        ("co", 600, "ug/m3", "以 mg/m3 报送，系统不换算"),
        ("o3_1h", 80, "ppb", "以 ug/m3 报送"),
        ("so2", -1, "ug/m3", "不小于 0"),
        ("no2", float("nan"), "ug/m3", "留空"),
        ("no2", float("inf"), "ug/m3", "留空"),
        ("o3", 80, "ug/m3", "o3_1h o3_8h"),
    ],
)
def test_what_must_not_be_counted_is_refused_with_what_would_be_right(
    new: AqiTable, name: str, value: float, unit: str, right: str
) -> None:
    with pytest.raises(UnfitReading) as caught:
        aqi(new, Period.HOUR, {**readings(**CLEAN), name: Concentration(value, unit)})
    assert caught.value.name == name
    assert right in caught.value.right
