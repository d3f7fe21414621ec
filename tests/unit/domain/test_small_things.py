"""Moments and days, ids, refusals."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from shared.domain.actor import ROLE_NAMES, Role
from shared.domain.identity import command_id, derived, entry_id_of, follow_up_id
from shared.domain.moments import Moment, day_end, day_start, shanghai_day
from shared.domain.refusal import TITLES, refuse

MOMENTS = st.datetimes(
    datetime(1992, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC), allow_imaginary=False
)
"""Summer time ended in China in 1991."""


class Held(BaseModel):
    at: Moment


@given(MOMENTS)
def test_every_moment_lies_in_its_day(moment: datetime) -> None:
    day = shanghai_day(moment)
    assert day_start(day) <= moment < day_end(day)
    assert day_end(day) - day_start(day) == timedelta(days=1)
    assert day_start(day).utcoffset() == timedelta(0)
    assert day_end(day) == day_start(day + timedelta(days=1))


def test_the_day_turns_at_sixteen_utc() -> None:
    assert shanghai_day(datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)) == date(2026, 12, 31)
    assert shanghai_day(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == date(2027, 1, 1)
    assert day_start(date(2027, 1, 1)) == datetime(2026, 12, 31, 16, tzinfo=UTC)


@given(MOMENTS, st.integers(-14, 14))
def test_moments_are_held_in_utc_milliseconds(moment: datetime, hours: int) -> None:
    elsewhere = moment.astimezone(timezone(timedelta(hours=hours)))
    held = Held(at=elsewhere).at
    assert held.tzinfo is UTC and held.microsecond % 1000 == 0
    assert timedelta(0) <= moment - held < timedelta(milliseconds=1)
    assert Held.model_validate_json(Held(at=elsewhere).model_dump_json()).at == held


def test_ids_are_the_same_for_ever() -> None:
    """Stored entries and receipts go by them: a change of these values loses data."""
    assert command_id("clerk", "k1") == "43ea0c12-c87c-5d6a-a577-e62e1ac442ce"
    assert entry_id_of(command_id("clerk", "k1")) == "d9407ef1-943a-5a76-93b9-eaa652bf6a23"
    assert follow_up_id("c1", "absorb") == "4e0662e5-ccbe-5507-b8f3-b2559ddfa376"


@given(st.lists(st.text(max_size=5), min_size=1, max_size=4),
       st.lists(st.text(max_size=5), min_size=1, max_size=4))  # fmt: skip
def test_different_parts_give_different_ids(some: list[str], others: list[str]) -> None:
    assert (derived(*some) == derived(*others)) == (some == others)


def test_refusals_know_their_status() -> None:
    assert refuse("stale-version", "x", version=3).refusal.status == 412
    with pytest.raises(KeyError):
        refuse("no-such-type", "x")
    for type_, (status, title) in TITLES.items():
        assert type_ == type_.lower() and " " not in type_ and 400 <= status < 600
        assert any("\u4e00" <= c <= "\u9fff" for c in title), "Chinese first"


def test_every_role_is_named() -> None:
    assert set(ROLE_NAMES) == set(Role)
