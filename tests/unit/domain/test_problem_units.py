"""Whose problem it is: own unit, and who may not approve."""

from datetime import timedelta

import pytest

from shared.domain.actor import Actor, Role
from shared.domain.decide import decide
from shared.domain.problem import Problem, Status
from shared.domain.problem_rules import RULES
from tests.unit.domain.world import (
    BODIES,
    COORDINATOR,
    HOUR,
    INSPECTOR,
    LEAD,
    NOW,
    TOWN,
    WORKER,
    context,
    do,
    problem_in,
    refusal_of,
)

OWN = {"accept": "asg", "return": "asg", "start": "acc", "report-progress": "rec", "submit": "rec",
       "ask-extension": "rec"}  # fmt: skip
STATES = {
    "asg": problem_in(Status.ASSIGNED),
    "acc": problem_in(Status.ACCEPTED),
    "rec": problem_in(Status.RECTIFYING),
}
HELPER = Actor(id="helper", role=Role.DEPARTMENT, unit="transport")


def test_which_commands_are_for_the_own_unit() -> None:
    assert {name for name, rule in RULES.items() if rule.own_unit} == set(OWN)


@pytest.mark.parametrize("command", OWN)
@pytest.mark.parametrize("actor", [WORKER, TOWN, HELPER])
def test_unit_town_and_helpers_may(command: str, actor: Actor) -> None:
    do(STATES[OWN[command]], command, actor)


@pytest.mark.parametrize("command", OWN)
@pytest.mark.parametrize(
    ("role", "unit", "said"),
    [
        (Role.DEPARTMENT, "water", "县水务局"),
        (Role.TOWN, "370828101", "羊山镇"),
        (Role.DEPARTMENT, None, "X-Unit"),
        (Role.DEPARTMENT, "ghost", "ghost"),
    ],
)
def test_others_may_not(command: str, role: Role, unit: str | None, said: str) -> None:
    entry = STATES[OWN[command]]
    stranger = Actor(id="stranger", role=role, unit=unit)
    no = refusal_of(do, entry, command, stranger)
    assert (no.type, no.status) == ("not-your-unit", 403)
    assert said in no.detail


def test_the_state_is_said_before_the_unit_and_the_unit_before_the_version() -> None:
    stranger = context(Actor(id="s", role=Role.DEPARTMENT, unit="water"))
    assigned, accepted = STATES["asg"], STATES["acc"]
    assert refusal_of(decide, accepted, "accept", {}, 99, stranger).type == "illegal-transition"
    assert refusal_of(decide, assigned, "accept", {}, 99, stranger).type == "not-your-unit"
    assert refusal_of(decide, assigned, "accept", {"x": 1}, 99, context(WORKER)).type == (
        "stale-version"
    )
    assert refusal_of(decide, assigned, "accept", {"x": 1}, 2, context(WORKER)).type == (
        "invalid-field"
    )


def test_versions_are_asked_for_and_held() -> None:
    entry = STATES["asg"]
    none = refusal_of(decide, entry, "accept", {}, None, context(WORKER))
    assert (none.type, none.status, none.facts) == ("version-needed", 428, {"version": 2})
    for seen in (1, 3):
        stale = refusal_of(decide, entry, "accept", {}, seen, context(WORKER))
        assert (stale.type, stale.status, stale.facts) == ("stale-version", 412, {"version": 2})
        assert str(seen) in stale.detail and "2" in stale.detail
    comment = decide(entry, "comment", BODIES["comment"], None, context(WORKER))
    assert comment.entry.version == 3
    said = refusal_of(decide, entry, "comment", BODIES["comment"], 1, context(WORKER))
    assert said.type == "stale-version", "a version that is given is held even where none is needed"


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.LINE_LEAD, Role.INSPECTOR])
@pytest.mark.parametrize("unit", ["housing", "transport", "370828003"])
def test_unit_helpers_and_town_cannot_approve(role: Role, unit: str) -> None:
    entry = problem_in(Status.SUBMITTED)
    no = refusal_of(do, entry, "approve", Actor(id="judge", role=role, unit=unit))
    assert (no.type, no.status) == ("rectifier-cannot-approve", 403)


def test_without_a_unit_nobody_approves() -> None:
    entry = problem_in(Status.SUBMITTED)
    nameless = Actor(id="judge", role=Role.INSPECTOR)
    no = refusal_of(do, entry, "approve", nameless)
    assert no.type == "rectifier-cannot-approve" and "X-Unit" in no.detail


def test_who_once_rectified_cannot_approve_even_after_a_transfer() -> None:
    """The unit and its helpers are others now; what was done stays done."""
    from shared.application.transfer import received
    from tests.unit.domain.world import context

    started = do(problem_in(Status.ACCEPTED), "start", HELPER)
    assert started.rectified_by == ("transport",)
    stub = do(started, "transfer", LEAD)
    there = received(stub, context(at=stub.updated_at + HOUR, line="coal")).entry
    assert isinstance(there, Problem)
    entry = do(there, "assign", line="coal", unit="water", town="370828101", co_units=[])
    other = Actor(id="w", role=Role.DEPARTMENT, unit="water")
    for command in ("accept", "start", "submit"):
        entry = do(entry, command, other, line="coal")
    assert entry.rectified_by == ("transport", "water")
    judge = Actor(id="judge", role=Role.INSPECTOR, unit="transport")
    assert refusal_of(do, entry, "approve", judge, line="coal").type == "rectifier-cannot-approve"
    assert do(entry, "approve", LEAD, line="coal").status is Status.CLOSED


def test_rectifiers_are_remembered_once_each() -> None:
    entry = problem_in(Status.ACCEPTED)
    for command, actor in (
        ("report-progress", HELPER), ("start", WORKER), ("report-progress", HELPER),
        ("report-progress", TOWN), ("submit", WORKER), ("send-back", INSPECTOR),
        ("submit", WORKER),
    ):  # fmt: skip
        entry = do(entry, command, actor)
    assert entry.rectified_by == ("transport", "housing", "370828003")


@pytest.mark.parametrize("judge", [LEAD, COORDINATOR, INSPECTOR])
def test_an_uninvolved_judge_approves(judge: Actor) -> None:
    entry = problem_in(Status.SUBMITTED)
    closed = do(entry, "approve", judge, remark="合格,已复测")
    assert closed.status is Status.CLOSED
    assert closed.verdict is not None
    assert (closed.verdict.by, closed.verdict.at) == (judge, closed.closed_at)
    assert (closed.verdict.result, closed.verdict.remark) == ("qualified", "合格,已复测")
    assert closed.closed_at == NOW + 5 * HOUR + timedelta(0)
