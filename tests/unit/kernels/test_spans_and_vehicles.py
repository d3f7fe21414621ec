"""Durations as standards state them, and vehicles without their plates."""

from datetime import datetime, timedelta

import pytest

from shared.declaration.spans import after
from shared.declaration.vehicle import vehicle_of
from tests.unit.kernels.world import T0, Bound


@pytest.mark.parametrize(
    ("value", "unit", "hours"), [(90, "min", 1.5), (2, "h", 2), (5, "d", 120), (36, "s", 0.01)]
)
def test_days_hours_minutes(value: float, unit: str, hours: float) -> None:
    assert after(T0, Bound(value, unit)) == T0 + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-08-31T10:00:00+08:00", "2027-02-28T10:00:00+08:00"),
        ("2027-08-31T10:00:00+08:00", "2028-02-29T10:00:00+08:00"),
        ("2026-06-15T00:30:00+08:00", "2026-12-15T00:30:00+08:00"),
        ("2026-12-31T23:30:00+08:00", "2027-06-30T23:30:00+08:00"),
    ],
)
def test_six_months_are_the_calendars(start: str, end: str) -> None:
    six = Bound(6, "mo")
    assert after(datetime.fromisoformat(start), six) == datetime.fromisoformat(end)


@pytest.mark.parametrize(("value", "unit"), [(6, "km"), (0.5, "mo")])
def test_what_is_no_duration_is_refused(value: float, unit: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        after(T0, Bound(value, unit))


def test_a_vehicle_is_the_same_without_its_plate() -> None:
    assert vehicle_of("鲁H12345") == vehicle_of("鲁H12345") != vehicle_of("鲁H12346")
    assert "12345" not in vehicle_of("鲁H12345")
