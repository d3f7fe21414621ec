"""Visits, objections, recurrence and spot checks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.actor import Actor, Role
from shared.domain.deadlines import ClockKind, of_kind
from shared.domain.problem import Status
from shared.domain.verification import Earlier, Verification, drawn, recurrence
from tests.unit.domain.world import (
    AFTER,
    HOUR,
    INSPECTOR,
    NOW,
    TOWN,
    do,
    pointers,
    problem_in,
    refusal_of,
)

DAY = 24 * HOUR
PLACE = {"lon": 116.31, "lat": 35.07}


def test_a_visit_that_finds_it_right_is_recorded_and_leaves_it_to_be_approved() -> None:
    submitted = problem_in(Status.SUBMITTED)
    seen = do(submitted, "inspect", remark="已覆盖", location=PLACE, evidence=[AFTER])
    assert (seen.status, seen.visit_count) == (Status.SUBMITTED, 1)
    visit = seen.visits[0]
    assert (visit.result, visit.remark, visit.spot_check) == ("qualified", "已覆盖", False)
    assert visit.evidence == ("a" * 64,) and seen.evidence[-1].sha256 == "a" * 64
    assert seen.clocks == submitted.clocks
    assert do(seen, "approve", evidence=[]).status is Status.CLOSED, "the visit's photo is evidence"


def test_a_visit_that_finds_it_wrong_sends_back() -> None:
    submitted = problem_in(Status.SUBMITTED)
    back = do(submitted, "inspect", result="unqualified", remark="仍有裸土")
    assert (back.status, back.submitted_at) == (Status.RECTIFYING, None)
    clock = of_kind(back.clocks, ClockKind.RECTIFY)
    assert clock is not None and clock.paused_at is None
    no = refusal_of(do, submitted, "inspect", result="unqualified")
    assert no.type == "invalid-field" and "remark" in no.detail


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.CLOSED])
def test_whoever_rectified_does_not_inspect(status: Status) -> None:
    entry = problem_in(status)
    own = Actor(id="i", role=Role.INSPECTOR, unit="housing")
    assert refusal_of(do, entry, "inspect", own).type == "rectifier-cannot-approve"
    nobody = Actor(id="i", role=Role.INSPECTOR)
    assert "X-Unit" in refusal_of(do, entry, "inspect", nobody).detail


def test_a_spot_check_that_finds_it_wrong_reopens() -> None:
    closed = problem_in(Status.CLOSED)
    fine = do(closed, "inspect")
    assert fine.status is Status.CLOSED and fine.visits[0].spot_check
    again = do(closed, "inspect", result="unqualified", remark="又堆土")
    assert (again.status, again.reopened, again.visits[0].result) == (
        Status.ASSIGNED, 1, "unqualified",
    )  # fmt: skip
    assert of_kind(again.clocks, ClockKind.RECTIFY) is not None


def test_a_visit_is_in_the_county() -> None:
    entry = problem_in(Status.SUBMITTED)
    no = refusal_of(do, entry, "inspect", location={"lon": 35.07, "lat": 116.31})
    assert pointers(no) == ["/location/lat"] or pointers(no) == ["/location"]


def test_an_objection_reopens_while_the_notice_is_out() -> None:
    closed = problem_in(Status.CLOSED)
    # Closed on Monday, 14:00: five working days later is next Monday's close.
    assert closed.notice_until == datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
    again = do(closed, "object", TOWN, at=closed.notice_until)
    assert (again.status, again.reopened, again.notice_until) == (Status.ASSIGNED, 1, None)
    late = refusal_of(do, closed, "object", TOWN, at=closed.notice_until + HOUR)
    assert late.type == "notice-over" and "2026-11-30 17:30" in late.detail
    nobody = closed.model_copy(update={"unit": None})
    assert do(nobody, "object", TOWN).status is Status.REGISTERED
    assert do(closed, "reopen", INSPECTOR, at=closed.notice_until + HOUR).reopened == 1


def test_only_so_many_visits_are_kept() -> None:
    entry = problem_in(Status.CLOSED)
    for _ in range(25):
        entry = do(entry, "inspect")
    assert (len(entry.visits), entry.visit_count) == (20, 25)


def _earlier(*days: float) -> list[Earlier]:
    return [
        Earlier(id=f"p{n}", number=f"扬尘-2026-{n:05d}", found_at=NOW - timedelta(days=day))
        for n, day in enumerate(days)
    ]


def test_recurrence_within_thirty_and_ninety_days() -> None:
    found = recurrence(_earlier(10, 29, 31, 89, 91), NOW, Verification())
    assert found is not None
    assert (found.within_30, found.within_90, found.last.id) == (2, 4, "p0")
    assert recurrence(_earlier(91, 200), NOW, Verification()) is None
    assert recurrence(_earlier(-1), NOW, Verification()) is None, "found later is no earlier one"


ids = st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=60)


@given(st.dictionaries(st.text(max_size=3), ids, max_size=4), st.floats(0.01, 1), st.text())
def test_a_draw_can_be_repeated_and_gives_every_group_its_share(
    groups: dict[str, list[str]], share: float, seed: str
) -> None:
    found = drawn(groups, share, seed)
    assert found == drawn({key: reversed(value) for key, value in groups.items()}, share, seed)
    for group, ids in groups.items():
        mine = found.get(group, [])
        assert set(mine) <= set(ids) and len(set(mine)) == len(mine)
        assert bool(mine) == bool(ids)
        assert share * len(ids) <= len(mine) < share * len(ids) + 1


def test_another_seed_draws_others_and_no_one_is_favoured() -> None:
    ids = [f"p{n}" for n in range(100)]
    counts = dict.fromkeys(ids, 0)
    for seed in range(200):
        for id_ in drawn({"t": ids}, 0.1, str(seed))["t"]:
            counts[id_] += 1
    assert min(counts.values()) >= 5 and max(counts.values()) <= 40, "twenty each, as chance goes"
