"""Steps of escalation: each once, missed ones recorded, only the highest sent."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.actor import Role
from shared.domain.deadlines import ClockKind
from shared.domain.escalation import RANK, EscalationLevel
from shared.domain.problem import Problem, Status
from shared.domain.task import Task
from tests.fakes.timing import TIMING
from tests.unit.domain.test_task_rules import PACK, made
from tests.unit.domain.test_task_rules import do as do_task
from tests.unit.domain.world import ACTORS, HOUR, NOW, do, refusal_of, register

L = EscalationLevel
DAY = 24 * HOUR
TIME = ACTORS[Role.SYSTEM]


def accepted() -> Problem:
    """Accepted and fed back: only the seven days of rectification run, from NOW + 1 h."""
    return do(do(do(register(source="patrol"), "assign"), "accept"), "report-progress")


def levels(problem: Problem | Task) -> list[tuple[str, bool]]:
    assert problem.escalation is not None
    return [(raised.level.value, raised.sent) for raised in problem.escalation.raised]


def test_each_step_at_its_moment() -> None:
    entry = accepted()
    due = NOW + HOUR + 7 * DAY
    assert refusal_of(do, entry, "escalate", TIME, at=due - 2 * DAY).type == "nothing-due"
    reminded = do(entry, "escalate", TIME, at=due - 1.75 * DAY)
    assert levels(reminded) == [("reminded", True)]
    assert reminded.status is entry.status, "never a state"
    assert reminded.escalation is not None
    assert reminded.escalation.raised[0].told == (Role.DEPARTMENT, Role.TOWN)
    assert refusal_of(do, reminded, "escalate", TIME, at=due - HOUR).type == "nothing-due"
    urged = do(reminded, "escalate", TIME, at=due)
    supervised = do(urged, "escalate", TIME, at=due + DAY)
    listed = do(supervised, "escalate", TIME, at=due + 3 * DAY)
    assert levels(listed) == [
        (name, True) for name in ("reminded", "urged", "supervised", "listed")
    ]
    assert listed.escalation is not None and listed.escalation.level is L.LISTED
    assert listed.escalation.raised[-1].told[-1] is Role.COORDINATOR
    assert refusal_of(do, listed, "escalate", TIME, at=due + 90 * DAY).type == "nothing-due"


def test_what_was_missed_is_recorded_and_only_the_highest_is_sent() -> None:
    entry = accepted()
    late = do(entry, "escalate", TIME, at=NOW + 30 * DAY)
    assert levels(late) == [
        ("reminded", False), ("urged", False), ("supervised", False), ("listed", True),
    ]  # fmt: skip
    assert late.escalation is not None
    due = NOW + HOUR + 7 * DAY
    assert [raised.due_at for raised in late.escalation.raised] == [
        due - 1.75 * DAY, due, due + DAY, due + 3 * DAY,
    ]  # fmt: skip
    assert {raised.at for raised in late.escalation.raised} == {NOW + 30 * DAY}


def test_an_extension_takes_the_pressure_off_but_not_out_of_the_record() -> None:
    late = do(accepted(), "escalate", TIME, at=NOW + 8 * DAY + HOUR)
    until = NOW + 20 * DAY
    more = do(late, "extend", due_at=until.isoformat(), reason="同意", at=NOW + 9 * DAY)
    assert more.escalation == late.escalation
    assert refusal_of(do, more, "escalate", TIME, at=NOW + 10 * DAY).type == "nothing-due"
    again = do(more, "escalate", TIME, at=until)
    assert levels(again)[-2:] == [("reminded", False), ("urged", True)]
    assert again.escalation is not None and again.escalation.level is L.SUPERVISED


def test_paused_nothing_presses() -> None:
    entry = do(accepted(), "suspend")
    assert TIMING.ladder.earliest(entry.clocks) is None
    submitted = do(do(accepted(), "start"), "submit")
    inspector = do(submitted, "escalate", TIME, at=NOW + 30 * DAY)
    assert inspector.escalation is not None
    assert {raised.clock for raised in inspector.escalation.raised} == {ClockKind.INSPECT}
    assert inspector.escalation.raised[0].told == (Role.INSPECTOR,)


def test_reopened_it_begins_from_below() -> None:
    entry = do(accepted(), "escalate", TIME, at=NOW + 30 * DAY)
    for command in ("start", "submit", "approve"):
        entry = do(entry, command)
    assert entry.escalation is not None, "the record of a closed problem stands"
    assert do(entry, "reopen").escalation is None


@given(st.lists(st.timedeltas(timedelta(0), timedelta(days=8)), min_size=1, max_size=12))
def test_every_step_once_and_in_order_however_often_time_looks(waits: list[timedelta]) -> None:
    """Against the simple truth: which steps lie before the last look."""
    entry, now = do(register(source="patrol"), "assign"), NOW + HOUR
    for wait in waits:
        now += wait
        if (at := TIMING.ladder.earliest(entry.clocks)) is not None and at <= now:
            entry = do(entry, "escalate", TIME, at=now)
        else:
            assert refusal_of(do, entry, "escalate", TIME, at=now).type == "nothing-due"
    begun = do(register(source="patrol"), "assign")
    wanted = sorted(
        (at, clock.kind, step.level)
        for clock in begun.clocks
        for step in TIMING.ladder.of(clock.kind)
        if (at := step.due_at(clock)) <= now
    )
    raised = entry.escalation.raised if entry.escalation else ()
    assert sorted((each.due_at, each.clock, each.level) for each in raised) == wanted
    for kind in ClockKind:
        ranks = [RANK[each.level] for each in raised if each.clock is kind]
        assert all(low < high for low, high in pairwise(ranks))
    looks = {each.at for each in raised}
    assert all(sum(e.sent for e in raised if e.at == at) == 1 for at in looks), "one letter a look"


def test_a_task_presses_before_and_after_its_day_and_not_once_it_is_done() -> None:
    task = made(PACK, starts="2026-11-01")
    assert task.due is not None and len(task.clocks) == 1
    due = task.clocks[0].due_at
    pressed = do_task(task, "escalate", PACK, at=due)
    assert levels(pressed) == [("reminded", False), ("urged", True)]
    assert do_task(task, "report", text="完成", done=True).clocks == ()
    moved = do_task(pressed, "rebase", due="2027-12-31", reason="顺延")
    assert moved.clocks[0].due_at > due and moved.clocks[0].step == 0
    assert task.escalation is None


def test_a_task_that_comes_with_a_passed_day_presses_nobody() -> None:
    task = made(PACK, starts="2025-01-01", due="2025-12-31")
    assert task.clocks and TIMING.ladder.earliest(task.clocks) is None


def test_a_submitted_problem_is_pressed_no_more_for_what_was_late() -> None:
    late = do(do(accepted(), "start"), "escalate", TIME, at=NOW + 8 * DAY)
    done = do(late, "submit")
    assert done.status is Status.SUBMITTED
    assert {c.kind for c in done.clocks if c.paused_at is None} == {ClockKind.INSPECT}
