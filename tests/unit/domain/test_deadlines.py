"""Clocks by themselves: beginning, pausing, going on, being moved, shortened and graded anew."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.allowance import Allowance
from shared.domain.deadlines import (
    ClockKind,
    Deadline,
    begin,
    gone_on,
    moved,
    paused,
    recounted,
    shortened,
)
from tests.fakes.timing import TIMING

TIME, SHARE = TIMING.time, 0.25
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""09:00 in Shanghai."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
allowances = st.sampled_from(["30min", "4h", "24h", "7d", "4wh", "20wh", "2wd", "5wd"]).map(
    Allowance.read
)
waits = st.timedeltas(timedelta(), timedelta(days=20)).map(
    lambda wait: timedelta(seconds=int(wait.total_seconds()))
)


def clock(text: str, at: datetime = MONDAY) -> Deadline:
    return begin(ClockKind.RECTIFY, "unit", Allowance.read(text), at, SHARE, TIME)


def test_natural_time_and_its_reminder() -> None:
    held = clock("24h")
    assert held.due_at == MONDAY + DAY
    assert held.remind_at == MONDAY + 18 * HOUR, "a quarter of the time is left"
    assert not held.is_overdue(MONDAY + DAY) and held.is_overdue(MONDAY + DAY + HOUR)


def test_working_time_passes_at_the_office_only() -> None:
    held = clock("8wh", MONDAY + 7 * HOUR)  # Monday 16:00: an hour and a half of the day is left
    assert held.due_at == datetime(
        2026, 11, 24, 8, 30, tzinfo=UTC
    )  # Tuesday 16:30: a day has 7.5 h
    assert held.remind_at == datetime(2026, 11, 24, 6, 30, tzinfo=UTC)  # two of eight are left
    assert clock("2wd").due_at == datetime(2026, 11, 25, 9, 30, tzinfo=UTC), "Wednesday 17:30"


def test_a_weekend_in_between() -> None:
    friday = datetime(2026, 11, 27, 8, 30, tzinfo=UTC)  # 16:30
    assert clock("2wh", friday).due_at == datetime(2026, 11, 30, 1, 30, tzinfo=UTC)  # Monday 09:30


@given(allowances, moments, waits, waits)
def test_a_pause_takes_no_time(
    allowance: Allowance, at: datetime, wait: timedelta, pause: timedelta
) -> None:
    """What was left is left; what was overdue is as much overdue."""
    held = begin(ClockKind.RECTIFY, "unit", allowance, at, SHARE, TIME)
    stopped = at + wait
    again = gone_on(paused(held, stopped), stopped + pause, TIME)
    assert again.paused_at is None
    if stopped >= held.due_at:
        assert stopped + pause - again.due_at == stopped - held.due_at
    else:
        left = TIME.left(stopped, held.due_at, held.working)
        assert TIME.left(stopped + pause, again.due_at, held.working) == left
    assert again.remind_at <= again.due_at


@given(allowances, moments)
def test_a_paused_clock_is_never_overdue(allowance: Allowance, at: datetime) -> None:
    held = paused(begin(ClockKind.RECTIFY, "unit", allowance, at, SHARE, TIME), at)
    assert not held.is_overdue(at + 400 * DAY)
    assert paused(held, at + DAY) == held, "it was paused before"


def test_moved_by_a_person_it_counts_natural_time_and_reminds_anew() -> None:
    held = clock("2wd").model_copy(update={"step": 2})
    later = moved(held, MONDAY + 8 * DAY, MONDAY + 4 * DAY, SHARE, TIME)
    assert (later.allowance, later.working, later.step) == (None, False, 0)
    assert later.remind_at == MONDAY + 6 * DAY, "a quarter of the eight days"


def test_a_warning_halves_what_is_left() -> None:
    held = shortened(clock("4h"), 0.5, "2026-11-23", MONDAY + 2 * HOUR, SHARE, TIME)
    assert (held.due_at, held.shortened_for) == (MONDAY + 3 * HOUR, "2026-11-23")
    late = shortened(clock("4h"), 0.5, "2026-11-23", MONDAY + 5 * HOUR, SHARE, TIME)
    assert late.due_at == MONDAY + 4 * HOUR, "what is overdue stays so"


@given(allowances, moments, waits, st.floats(0.1, 0.9))
def test_shortening_never_lengthens_nor_makes_overdue(
    allowance: Allowance, at: datetime, wait: timedelta, factor: float
) -> None:
    held = begin(ClockKind.RECTIFY, "unit", allowance, at, SHARE, TIME)
    now = at + wait
    less = shortened(held, factor, "e", now, SHARE, TIME)
    assert less.due_at <= held.due_at
    assert less.is_overdue(now) == held.is_overdue(now)


def test_a_graver_one_gets_at_most_what_it_would_get_now() -> None:
    held = clock("7d")
    assert recounted(held, Allowance.read("24h"), MONDAY + DAY, SHARE, TIME).due_at == (
        MONDAY + 2 * DAY
    )
    late = recounted(held, Allowance.read("3d"), MONDAY + 6 * DAY, SHARE, TIME)
    assert late.due_at == held.due_at, "never more than it had"


def test_a_milder_one_gets_what_it_would_have_got() -> None:
    held = clock("24h")
    milder = recounted(held, Allowance.read("7d"), MONDAY + 2 * DAY, SHARE, TIME)
    assert (milder.due_at, milder.step) == (MONDAY + 7 * DAY, 0)


@given(allowances, allowances, moments, waits)
def test_nobody_is_overdue_by_another_grade(
    first: Allowance, second: Allowance, at: datetime, wait: timedelta
) -> None:
    held = begin(ClockKind.RECTIFY, "unit", first, at, SHARE, TIME)
    now = at + wait
    again = recounted(held, second, now, SHARE, TIME)
    assert again.is_overdue(now) <= held.is_overdue(now)
    assert again.remind_at <= again.due_at


@pytest.mark.parametrize("text", ["", "0h", "4", "4 h", "h", "-1d", "401d", "9999wd", "1w", "1.5h"])
def test_what_is_no_allowance_is_told_how_it_is_written(text: str) -> None:
    with pytest.raises(ValueError, match="30min"):
        Allowance.read(text)


@given(st.integers(1, 400), st.sampled_from(["min", "h", "d", "wh", "wd"]))
def test_an_allowance_reads_as_it_is_written(amount: int, unit: str) -> None:
    said = Allowance.read(f"{amount}{unit}")
    assert str(said) == f"{amount}{unit}" and str(amount) in said.zh
