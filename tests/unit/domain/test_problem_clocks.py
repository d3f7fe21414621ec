"""What commands do to a problem's clocks, told as people live it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.application.transfer import received
from shared.domain.actor import Role
from shared.domain.deadlines import ClockKind, Deadline, of_kind
from shared.domain.problem import OPEN, Problem, Status
from shared.domain.problem_clocks import TABLE
from shared.domain.problem_rules import PRESSING, RULES
from tests.unit.domain.world import (
    ACTORS,
    COORDINATOR,
    HOUR,
    INSPECTOR,
    LEAD,
    NOW,
    TOWN,
    context,
    do,
    pointers,
    problem_in,
    refusal_of,
    register,
)

K = ClockKind
DAY = 24 * HOUR


def clock(problem: Problem, kind: ClockKind) -> Deadline:
    found = of_kind(problem.clocks, kind)
    assert found is not None, f"no {kind} in {problem.clocks}"
    return found


def running(problem: Problem) -> dict[str, str]:
    return {c.kind.value: c.owner for c in problem.clocks if c.paused_at is None}


def patrolled(**fields: Any) -> Problem:
    """Not from the public: the matrix holds."""
    return register(source="patrol", **fields)


def warned(
    entry: Problem, at: datetime | None = None, line: str = "dust", level: str = "orange"
) -> Problem:
    """As the episode line has its clocks shortened."""
    episode, reason = "2026-11-23", "橙色预警"
    who = ACTORS[Role.SYSTEM]
    return do(entry, "shorten", who, at, line, episode=episode, level=level, reason=reason)


def test_the_line_has_to_hand_out_first() -> None:
    entry = patrolled()
    assert running(entry) == {"respond": "line"} and entry.due_at is None
    assert clock(entry, K.RESPOND).due_at == NOW + 4 * HOUR


def test_a_report_of_the_public_has_working_days() -> None:
    respond = clock(register(source="report"), K.RESPOND)
    assert respond.due_at == datetime(2026, 11, 25, 9, 30, tzinfo=UTC) and respond.working


def test_handed_out_three_clocks_run_against_the_unit() -> None:
    entry = do(patrolled(), "assign")
    assert running(entry) == {"respond": "unit", "feed_back": "unit", "rectify": "unit"}
    at = NOW + HOUR
    assert clock(entry, K.RESPOND).due_at == at + 4 * HOUR
    assert clock(entry, K.FEED_BACK).due_at == at + DAY
    assert clock(entry, K.RECTIFY).due_at == entry.due_at == at + 7 * DAY


def test_accepting_and_feeding_back_are_done_once() -> None:
    accepted = do(do(patrolled(), "assign"), "accept")
    assert running(accepted) == {"feed_back": "unit", "rectify": "unit"}
    told = do(accepted, "report-progress")
    assert running(told) == {"rectify": "unit"}


def test_the_inspector_s_time_is_not_the_unit_s() -> None:
    working = do(problem_in(Status.RECTIFYING), "report-progress")
    submitted = do(working, "submit")
    assert running(submitted) == {"inspect": "inspector"}
    assert clock(submitted, K.RECTIFY).paused_at == submitted.updated_at
    back = do(submitted, "send-back", at=submitted.updated_at + 3 * DAY)
    assert running(back) == {"rectify": "unit"}
    assert working.due_at is not None and back.due_at == working.due_at + 3 * DAY


def test_submitted_in_time_is_in_time_however_late_the_inspector_comes() -> None:
    submitted = problem_in(Status.SUBMITTED)
    assert submitted.due_at is not None
    assert not submitted.is_overdue(submitted.due_at + 10 * DAY)


def test_suspended_nothing_runs_and_what_was_left_is_left() -> None:
    entry = do(patrolled(), "assign")
    suspended = do(entry, "suspend", at=entry.updated_at + HOUR)
    assert running(suspended) == {} and len(suspended.clocks) == 3
    again = do(suspended, "resume", at=suspended.updated_at + 30 * DAY)
    for kind in (K.RESPOND, K.FEED_BACK, K.RECTIFY):
        assert clock(again, kind).due_at == clock(entry, kind).due_at + 30 * DAY


def test_returned_the_line_is_up_again_and_the_next_unit_has_its_full_time() -> None:
    entry = do(patrolled(), "assign")
    back = do(entry, "return", at=entry.updated_at + 3 * HOUR)
    assert running(back) == {"respond": "line"} and back.due_at is None
    again = do(back, "assign", unit="water", at=back.updated_at + HOUR)
    assert again.due_at == back.updated_at + HOUR + 7 * DAY


def test_handed_to_the_same_unit_again_nothing_starts_anew() -> None:
    entry = do(patrolled(), "assign")
    again = do(entry, "assign", co_units=["water"], at=entry.updated_at + DAY)
    assert again.clocks == entry.clocks
    other = do(entry, "assign", unit="water", at=entry.updated_at + DAY)
    assert clock(other, K.RECTIFY).began_at == entry.updated_at + DAY


def test_a_superior_s_deadline_runs_from_the_beginning_and_is_never_set_anew() -> None:
    due = NOW + 2 * DAY
    entry = patrolled(external={"issuer": "市专班", "due_at": due.isoformat()})
    assert entry.due_at == due and running(entry) == {"respond": "line", "rectify": "unit"}
    handed = do(entry, "assign")
    assert handed.due_at == due
    back = do(handed, "return")
    assert back.due_at == due
    assert do(back, "assign", unit="water").due_at == due
    far = patrolled(external={"issuer": "市专班", "due_at": (NOW + 90 * DAY).isoformat()})
    assert do(far, "assign").due_at == NOW + 90 * DAY, "a superior may also give more time"


def test_transferred_the_deadline_travels_and_the_way_counts() -> None:
    entry = do(patrolled(), "assign")
    stub = do(entry, "transfer", LEAD, at=entry.updated_at + HOUR)
    assert running(stub) == {"rectify": "unit"}
    arrives = context(at=stub.updated_at + 2 * DAY, line="coal")
    there = received(stub, arrives).entry
    assert isinstance(there, Problem)
    assert there.due_at == entry.due_at
    assert running(there) == {"respond": "line", "rectify": "unit"}
    assert clock(there, K.RESPOND).began_at == stub.updated_at, "time in transit counts"
    handed = do(there, "assign", line="coal", unit="water", at=arrives.now + HOUR)
    assert handed.due_at == entry.due_at, "it is no younger for having moved"
    assert clock(handed, K.RESPOND).began_at == arrives.now + HOUR


def test_reopened_everything_starts_anew() -> None:
    again = do(problem_in(Status.CLOSED), "reopen")
    assert running(again) == {"respond": "unit", "feed_back": "unit", "rectify": "unit"}
    nobody = problem_in(Status.CLOSED).model_copy(update={"unit": None})
    assert running(do(nobody, "relapse")) == {"respond": "line"}


def test_extended_by_the_line_on_the_unit_s_request() -> None:
    entry = do(do(patrolled(), "assign"), "accept")
    until = NOW + 20 * DAY
    asked = do(entry, "ask-extension", TOWN, due_at=until.isoformat(), reason="等待材料到货")
    assert asked.due_at == entry.due_at, "asking stops no clock"
    assert asked.extension_request is not None and asked.extension_request.by == TOWN
    granted = do(asked, "extend", LEAD, due_at=until.isoformat(), reason="同意")
    assert (granted.due_at, granted.extensions, granted.extension_request) == (until, 1, None)
    assert clock(granted, K.FEED_BACK) == clock(entry, K.FEED_BACK)
    declined = do(asked, "decline-extension", COORDINATOR)
    assert (declined.due_at, declined.extension_request) == (entry.due_at, None)
    assert refusal_of(do, entry, "decline-extension", LEAD).type == "nothing-due"
    early = refusal_of(do, entry, "ask-extension", TOWN, due_at=(NOW + DAY).isoformat())
    assert pointers(early) == ["/due_at"]
    typo = refusal_of(do, entry, "extend", LEAD, due_at="2226-12-01T00:00:00+08:00", reason="x")
    assert pointers(typo) == ["/due_at"] and "1830" in typo.detail


def test_a_graver_one_has_less_time_whoever_says_so() -> None:
    entry = do(patrolled(), "assign")
    graver = do(entry, "change-severity", INSPECTOR, severity="critical", reason="反复")
    assert graver.due_at == graver.updated_at + DAY
    seen = do(entry, "observe", severity="critical")
    assert seen.due_at == seen.updated_at + DAY
    named = do(patrolled(), "assign", due_at=(NOW + 20 * DAY).isoformat())
    still = do(named, "change-severity", INSPECTOR, severity="critical", reason="反复")
    assert still.due_at == NOW + 20 * DAY, "what a person named stands"


@pytest.mark.parametrize("status", sorted(set(Status) - OPEN - {Status.MOVED}))
def test_what_is_over_has_no_clock(status: Status) -> None:
    assert problem_in(status).clocks == ()


@pytest.mark.parametrize("status", sorted(OPEN - {Status.SUSPENDED}))
def test_every_open_problem_has_a_running_clock(status: Status) -> None:
    assert running(problem_in(status))


def test_the_table_names_commands_that_there_are() -> None:
    assert set(TABLE) <= set(RULES) | {"register", "receive"}
    assert not PRESSING & set(TABLE)


def test_a_warning_shortens_each_clock_once_an_episode() -> None:
    entry = do(patrolled(), "assign")
    at = entry.updated_at + HOUR
    less = warned(entry, at)
    assert entry.due_at is not None
    assert less.due_at == at + (entry.due_at - at) / 2 and less.alert == "2026-11-23"
    assert clock(less, K.RESPOND).due_at == at + timedelta(hours=1.5)
    again = refusal_of(warned, less, at)
    assert again.type == "nothing-due"
    # A clock that begins during the warning is shortened, too; the others not twice.
    other = do(less, "assign", unit="water", at=at + HOUR)
    assert other.alert is None
    both = warned(other, at + HOUR)
    assert clock(both, K.RECTIFY).due_at == at + HOUR + 3.5 * DAY
    told = do(do(less, "accept"), "report-progress")
    assert told.alert == "2026-11-23", "nothing began: nothing is left to shorten"


def test_a_warning_leaves_other_lines_and_named_deadlines_alone() -> None:
    coal = do(register(line="coal", category="other", source="patrol"), "assign", line="coal")
    assert refusal_of(warned, coal, line="coal").type == "nothing-due"
    yellow = refusal_of(warned, do(patrolled(), "assign"), level="yellow")
    assert yellow.type == "nothing-due"
    named = do(patrolled(), "assign", due_at=(NOW + 20 * DAY).isoformat())
    less = warned(named)
    assert less.due_at == NOW + 20 * DAY
    assert clock(less, K.RESPOND).due_at < clock(named, K.RESPOND).due_at
