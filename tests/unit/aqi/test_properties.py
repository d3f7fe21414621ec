"""What holds for every reading, whatever its values."""

from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.pack import load_pack
from shared.domain.aqi import Concentration, aqi
from shared.domain.aqi_table import AqiTable, Column, Period
from tests.unit.aqi.conftest import PACK

_STANDARDS = load_pack(PACK).standards
OLD, NEW = (_STANDARDS.aqi_named(f"HJ633-{year}") for year in (2012, 2026))

tables = st.sampled_from([OLD, NEW])
periods = st.sampled_from(list(Period))
Given = dict[str, Concentration | None]


def values(column: Column) -> st.SearchStrategy[Decimal]:
    top = column.breakpoints[-1] * 3 / 2
    return st.one_of(
        st.sampled_from(column.breakpoints), st.decimals(min_value=0, max_value=top, places=3)
    )


@st.composite
def any_readings(draw: st.DrawFn, table: AqiTable, period: Period, whole: bool = False) -> Given:
    return {
        name: Concentration(draw(values(column)), column.unit)
        for name, column in table.columns(period).items()
        if whole or draw(st.integers(0, 4))
    }


def by_hand(column: Column, steps: tuple[int, ...], value: Decimal) -> int | None:
    """The standard's formula, step by step, in another arithmetic than the product's."""
    points = [*zip(steps, column.breakpoints, strict=False)]
    for (low_index, low), (high_index, high) in pairwise(points):
        if low <= value <= high:
            exact = Fraction(high_index - low_index) * Fraction(value - low) / Fraction(high - low)
            exact += low_index
            whole = Decimal(exact.numerator // exact.denominator)
            return int(whole) + (1 if exact > int(whole) else 0)
    return column.beyond


@given(st.data(), tables, periods)
def test_the_aqi_is_the_largest_iaqi(data: st.DataObject, table: AqiTable, period: Period) -> None:
    readings = data.draw(any_readings(table, period))
    found = aqi(table, period, readings)
    indices = {
        name: by_hand(table.columns(period)[name], table.steps, Decimal(reading.value))
        for name, reading in readings.items()
        if reading
    }
    counted = {name: index for name, index in indices.items() if index is not None}
    assert found.iaqi == counted
    assert set(found.missing) == set(table.columns(period)) - set(counted)
    highest = max(counted.values(), default=None)
    if found.value is not None:
        assert found.value == highest
        assert found.level is not None
        assert found.level == next(x for x in table.levels if highest is None or x.up_to >= highest)
        worst = {name for name, index in counted.items() if index == highest}
        assert set(found.primary) == (worst if found.value > 50 else set())
    else:
        assert found.level is None
        assert found.primary == ()
        assert highest is None or (table is NEW and found.missing and highest <= 100)


@given(st.data(), tables, periods)
def test_more_of_a_pollutant_never_lowers_the_aqi(
    data: st.DataObject, table: AqiTable, period: Period
) -> None:
    readings = data.draw(any_readings(table, period, whole=True))
    name = data.draw(st.sampled_from(sorted(table.columns(period))))
    column = table.columns(period)[name]
    less = readings[name]
    assert less is not None
    more = data.draw(values(column).filter(lambda value: value >= less.value))
    if column.beyond is None and more > column.breakpoints[-1]:
        return  # the edition of 2012 stops counting such a value
    before = aqi(table, period, readings)
    after = aqi(table, period, {**readings, name: Concentration(more, column.unit)})
    assert before.highest is not None
    assert after.highest is not None
    assert after.highest >= before.highest
    if before.value is not None:
        assert after.value is not None
        assert after.value >= before.value


@given(st.data(), tables, periods)
def test_one_more_pollutant_never_lowers_what_is_published(
    data: st.DataObject, table: AqiTable, period: Period
) -> None:
    whole = data.draw(any_readings(table, period, whole=True))
    known = data.draw(st.sets(st.sampled_from(sorted(whole))))
    before = aqi(table, period, {name: whole[name] for name in known})
    after = aqi(table, period, whole)
    if before.value is not None:
        assert after.value is not None
        assert after.value >= before.value


@given(st.data(), tables, periods)
def test_a_binary_float_gives_the_index_of_what_is_written(
    data: st.DataObject, table: AqiTable, period: Period
) -> None:
    name = data.draw(st.sampled_from(sorted(table.columns(period))))
    column = table.columns(period)[name]
    value = data.draw(values(column)).quantize(Decimal("0.001"), rounding=ROUND_CEILING)
    exact = aqi(table, period, {name: Concentration(value, column.unit)})
    binary = aqi(table, period, {name: Concentration(float(value), column.unit)})
    assert exact == binary
