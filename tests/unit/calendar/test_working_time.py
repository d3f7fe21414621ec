"""Working time against a slow model that looks at every minute, and cases that a clerk knows."""

from datetime import UTC, datetime, time, timedelta
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.adapters.calendar.national import published_workday
from shared.domain.calendar import Calendar
from shared.domain.moments import SHANGHAI
from shared.domain.working_time import MOST_DAYS, WorkHours, WorkingTime

HOURS = WorkHours(((time(8, 30), time(12)), (time(13, 30), time(17, 30))))
CALENDAR = Calendar(published_workday, {})
WORKING = WorkingTime(CALENDAR.is_workday, HOURS)
MINUTE = timedelta(minutes=1)
FIRST, LAST = datetime(2024, 1, 1), datetime(2027, 12, 1)
moments = st.datetimes(FIRST, LAST).map(
    lambda naive: naive.replace(second=0, microsecond=0, tzinfo=SHANGHAI).astimezone(UTC)
)


@cache
def _worked(year: int, month: int, day: int) -> bool:
    return CALENDAR.is_workday(datetime(year, month, day).date())


def worked(minute: datetime) -> bool:
    """Whether the minute that begins then is working time."""
    here = minute.astimezone(SHANGHAI)
    open_ = any(begin <= here.time() < end for begin, end in HOURS.spans)
    return open_ and _worked(here.year, here.month, here.day)


def slow_add(moment: datetime, minutes: int) -> datetime:
    left = minutes
    while left:
        left -= worked(moment)
        moment += MINUTE
    return moment


@settings(max_examples=150, deadline=None)
@given(moments, st.integers(0, 3_000))
@example(datetime(2026, 2, 13, 9, 29, tzinfo=UTC), 451)
def test_adding_is_what_the_slow_model_says(moment: datetime, minutes: int) -> None:
    assert WORKING.add(moment, MINUTE * minutes) == slow_add(moment, minutes)


@settings(max_examples=150, deadline=None)
@given(moments, st.integers(0, 12 * 24 * 60))
def test_between_is_what_the_slow_model_counts(moment: datetime, minutes: int) -> None:
    end = moment + MINUTE * minutes
    counted = sum(worked(moment + MINUTE * n) for n in range(minutes))
    assert WORKING.between(moment, end) == MINUTE * counted


@given(moments, st.timedeltas(timedelta(), timedelta(days=60)))
def test_what_was_added_lies_between(moment: datetime, amount: timedelta) -> None:
    assert WORKING.between(moment, WORKING.add(moment, amount)) == amount


@given(
    moments,
    st.timedeltas(timedelta(), timedelta(days=9)),
    st.timedeltas(timedelta(), timedelta(days=9)),
)
def test_adding_twice_is_adding_the_sum(moment: datetime, one: timedelta, two: timedelta) -> None:
    assert WORKING.add(WORKING.add(moment, one), two) == WORKING.add(moment, one + two)


@given(moments, st.integers(1, 60))
def test_working_days_end_at_the_close_of_a_worked_day(moment: datetime, days: int) -> None:
    end = WORKING.add_days(moment, days).astimezone(SHANGHAI)
    assert end.time() == time(17, 30) and CALENDAR.is_workday(end.date())
    assert WORKING.add_days(moment, days + 1) > end


def at(said: str) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("begin", "hours", "end"),
    [
        # National Day 2025: 1 to 8 October off, Sunday 28 September and Saturday 11 October worked.
        ("2025-09-27 10:00", 1, "2025-09-28 09:30"),
        ("2025-09-30 16:30", 2, "2025-10-09 09:30"),
        ("2025-10-03 12:00", 4, "2025-10-09 14:00"),
        ("2025-10-10 17:00", 1, "2025-10-11 09:00"),
        ("2025-10-11 17:00", 1, "2025-10-13 09:00"),
        # Spring Festival 2026: 15 to 23 February off, Saturdays 14 and 28 February worked.
        ("2026-02-13 17:00", 1, "2026-02-14 09:00"),
        ("2026-02-14 17:00", 1, "2026-02-24 09:00"),
        ("2026-02-27 17:00", 1, "2026-02-28 09:00"),
        ("2026-02-28 17:00", 1, "2026-03-02 09:00"),
        # Noon does not count, and an end is an end: not the next beginning.
        ("2026-11-24 11:00", 2, "2026-11-24 14:30"),
        ("2026-11-24 16:30", 1, "2026-11-24 17:30"),
        ("2026-11-24 12:30", 1, "2026-11-24 14:30"),
    ],
)
def test_hours_that_a_clerk_counts(begin: str, hours: int, end: str) -> None:
    assert WORKING.add(at(begin), timedelta(hours=hours)) == at(end)


@pytest.mark.parametrize(
    ("begin", "days", "end"),
    [
        ("2025-09-26 09:00", 2, "2025-09-29 17:30"),
        ("2025-09-30 09:00", 2, "2025-10-10 17:30"),
        ("2026-02-13 20:00", 2, "2026-02-24 17:30"),
        ("2026-11-24 00:00", 7, "2026-12-03 17:30"),
    ],
)
def test_days_that_a_clerk_counts(begin: str, days: int, end: str) -> None:
    """The day of receipt does not count."""
    assert WORKING.add_days(at(begin), days) == at(end)


def test_nonsense_is_refused_and_nothing_runs_for_ever() -> None:
    with pytest.raises(ValueError, match="not taken away"):
        WORKING.add(at("2026-11-24 10:00"), -MINUTE)
    never = WorkingTime(lambda _: False, HOURS)
    with pytest.raises(ValueError, match=str(MOST_DAYS)):
        never.add(at("2026-11-24 10:00"), MINUTE)
    with pytest.raises(ValueError, match=str(MOST_DAYS)):
        never.add_days(at("2026-11-24 10:00"), 1)
    with pytest.raises(ValueError, match="rise"):
        WorkHours(((time(9), time(8)),))
    assert WORKING.between(at("2026-11-24 10:00"), at("2026-11-23 10:00")) == timedelta()
    assert HOURS.a_day == timedelta(hours=7, minutes=30)
