"""One problem through a month: what counts, for whom, and what is taken off."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.problem import Problem, Status
from shared.domain.work_score import (
    By,
    Part,
    Step,
    Tallies,
    Tally,
    Weights,
    escalation_level,
    scored,
    spells,
)
from tests.contract.samples import problem

WEIGHTS = Weights(100, 2, 1, 3, 5, 5, frozenset({"report"}), 2)
BEGIN, END = datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 10, 31, 16, tzinfo=UTC)
TOWN = "370828105"


def at(day: float) -> datetime:
    """So many days after the month began."""
    return BEGIN + timedelta(days=day)


def tally(found: Problem, *steps: Step, by: By = By.TOWN) -> Tally:
    tallies = Tallies(by, WEIGHTS)
    tallies.add(found, spells(found, steps, BEGIN, END), BEGIN)
    return tallies.groups.get(TOWN if by is By.TOWN else "dust", Tally())


def of(reported: float, **fields: Any) -> Problem:
    base = {"town": TOWN, "reported_at": at(reported), "source": "patrol"}
    return problem("p1", **{**base, **fields})


CLOSED = {"status": Status.CLOSED}


def closing(day: float) -> Step:
    return Step(at(day), {"status": ["submitted", "closed"]})


def test_submitted_at_its_due_moment_is_in_time_and_a_moment_later_is_not() -> None:
    """However late the inspector comes: that is not the unit's time."""
    held, applied = of(1, due_at=at(5), **CLOSED), {"status": ["rectifying", "submitted"]}
    assert tally(held, Step(at(5), applied), closing(20)).overdue == 0
    late = Step(at(5) + timedelta(seconds=1), applied)
    assert tally(held, late, closing(20)).overdue == 1


def test_overdue_in_a_month_is_overdue_at_any_moment_of_it() -> None:
    assert tally(of(-40, due_at=at(-20))).overdue == 1, "still open past its due time"
    extended = of(-40, due_at=at(90))
    step = Step(at(10), {"due_at": [at(3).isoformat(), at(90).isoformat()]})
    assert tally(extended, step).overdue == 1, "it was late before it was extended"
    assert tally(of(-40, due_at=at(50))).overdue == 0
    late_later = Step(at(40), {"due_at": [at(60).isoformat(), at(3).isoformat()]})
    assert tally(of(-40, due_at=at(3)), late_later).overdue == 0, "not yet in this month"


def test_a_suspended_problem_is_in_hand_but_not_overdue() -> None:
    held = tally(of(-40, due_at=at(-20), status=Status.SUSPENDED))
    assert (held.in_hand, held.overdue) == (1, 0)


@pytest.mark.parametrize(("ended", "in_hand"), [(-1, 0), (1, 1), (40, 1)])
def test_in_hand_ends_with_the_closing(ended: float, in_hand: int) -> None:
    steps = [closing(ended)] if ended > 0 else []
    assert tally(of(-40, **CLOSED), *steps).in_hand == in_hand


def test_returns_and_reopenings_are_counted_in_their_month_only() -> None:
    held = of(-40, returns=3, reopened=2)
    steps = (
        Step(at(2), {"returns": [1, 2]}),
        Step(at(3), {"reopened": [0, 1], "status": ["closed", "assigned"]}),
        Step(at(40), {"returns": [2, 3]}),
        Step(at(41), {"reopened": [1, 2]}),
    )
    found = tally(held, *steps)
    assert (found.returned, found.reopened) == (1, 1)


def test_escalated_is_supervised_or_above_while_in_hand() -> None:
    def pressed(level: str | None, **more: Any) -> int:
        held = of(-40, **more)
        steps = (
            Step(at(3), {"escalation": [None, level and {"level": level}]}),
            Step(at(6), {"escalation": [level and {"level": level}, None]}),
        )
        return tally(held, *steps).escalated

    assert [pressed(level) for level in (None, "reminded", "urged")] == [0, 0, 0]
    assert [pressed(x) for x in ("supervised", "listed", "talked", "published")] == [1] * 4
    assert pressed("talked", **CLOSED) == 0
    assert escalation_level(None) is None
    assert escalation_level(type("E", (), {"level": "listed"})()) == "listed"


def test_new_ones_are_shared_by_who_found_them() -> None:
    assert (tally(of(1)).new, tally(of(1)).self_found) == (1, 1)
    assert tally(of(1, source="report")).self_found == 0
    assert (
        tally(
            of(1, status=Status.REJECTED), Step(at(2), {"status": ["registered", "rejected"]})
        ).new
        == 0
    )
    later = Step(at(33), {"status": ["registered", "rejected"]})
    assert tally(of(1, status=Status.REJECTED), later).new == 1, (
        "what is learnt later changes nothing"
    )


def test_guessed_towns_are_left_out_and_told() -> None:
    tallies = Tallies(By.TOWN, WEIGHTS)
    for held in (of(1, town_by="nearest-seat"), of(1, town=None), of(1, town_by="polygon")):
        tallies.add(held, spells(held, (), BEGIN, END), BEGIN)
    assert (tallies.guessed, tallies.nowhere) == (1, 1)
    assert tallies.groups[TOWN].in_hand == 1


def test_a_return_counts_for_the_line_that_gave_it_back() -> None:
    held = of(-4, line="coordination", returns=2)
    step = Step(at(2), {"returns": [1, 2], "status": ["assigned", "moved"]})
    move = Step(
        at(3),
        {"line": ["dust", "coordination"], "status": ["moved", "registered"], "returns": [2, 0]},
    )
    held = held.model_copy(update={"returns": 0})
    found = tally(held, step, move, by=By.LINE)
    assert (found.returned, found.in_hand) == (1, 0)
    assert tally(held, step, move).returned == 1


def test_the_parts_make_the_score_and_ties_share_a_rank() -> None:
    found = scored(
        {
            "a": Tally(
                in_hand=9, overdue=2, returned=1, reopened=1, escalated=1, new=3, self_found=1
            ),
            "b": Tally(in_hand=2),
            "c": Tally(in_hand=2),
            "d": Tally(in_hand=1, overdue=1),
            "e": Tally(),
        },
        WEIGHTS,
    )
    assert [(s.group, s.rank, s.value) for s in found] == [
        ("b", 1, 100.0), ("c", 1, 100.0), ("a", 3, 88.67), ("d", None, 98.0), ("e", None, 100.0),
    ]  # fmt: skip
    points = {p.part: p.points for p in found[2].parts}
    assert points == pytest.approx(
        {
            Part.OVERDUE: -4,
            Part.RETURNED: -1,
            Part.REOPENED: -3,
            Part.ESCALATED: -5,
            Part.SELF_FOUND: 5 / 3,
        }
    )
