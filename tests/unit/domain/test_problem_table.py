"""The table of a problem's life, written down a second time, and held from every side."""

import re
from itertools import product

import pytest

from shared.domain.actor import Role
from shared.domain.decide import decide
from shared.domain.problem import STATUS_NAMES, ExtensionRequest, Problem, Status
from shared.domain.problem_rules import FOLLOWS, RULES, possible
from shared.domain.refusal import Refused
from tests.unit.domain.world import (
    ACTORS,
    BODIES,
    HOUR,
    INTERNAL,
    NOW,
    WAYS,
    context,
    do,
    problem_in,
)

ABBREVIATIONS = {
    "reg": Status.REGISTERED, "asg": Status.ASSIGNED, "acc": Status.ACCEPTED,
    "rec": Status.RECTIFYING, "sub": Status.SUBMITTED, "clo": Status.CLOSED,
    "rej": Status.REJECTED, "mer": Status.MERGED, "sus": Status.SUSPENDED, "mov": Status.MOVED,
}  # fmt: skip
ROLES = {
    "C": Role.COORDINATOR, "L": Role.LINE_LEAD, "D": Role.DEPARTMENT, "T": Role.TOWN,
    "I": Role.INSPECTOR, "V": Role.VIEWER, "E": Role.DEVICE, "S": Role.SYSTEM,
}  # fmt: skip

# command: from, to ("=": the state stays), roles
TABLE = {
    "assign": ("reg asg", "asg", "CLD"),
    "accept": ("asg", "acc", "DT"),
    "return": ("asg acc", "reg", "DT"),
    "start": ("acc", "rec", "DT"),
    "report-progress": ("acc rec", "=", "DT"),
    "submit": ("rec", "sub", "DT"),
    "inspect": ("sub clo", "=", "CLI"),
    "approve": ("sub", "clo", "CLI"),
    "send-back": ("sub", "rec", "CLI"),
    "extend": ("asg acc rec", "=", "CL"),
    "ask-extension": ("asg acc rec", "=", "DT"),
    "decline-extension": ("asg acc rec", "=", "CL"),
    "suspend": ("reg asg acc rec", "sus", "C"),
    "resume": ("sus", "asg", "C"),
    "reject": ("reg asg acc", "rej", "CLI"),
    "merge": ("reg asg acc rec", "mer", "CLD"),
    "reopen": ("clo", "asg", "CLI"),
    "object": ("clo", "asg", "CLDTI"),
    "transfer": ("reg asg acc rec", "mov", "CL"),
    "comment": ("reg asg acc rec sub clo rej mer sus", "=", "CLDTI"),
    "attach-evidence": ("reg asg acc rec sub sus clo", "=", "CLDTIE"),
    "change-severity": ("reg asg acc rec sub sus", "=", "CLI"),
    "absorb": ("reg asg acc rec sub clo rej mer sus", "=", "S"),
    "observe": ("reg asg acc rec sub sus", "=", "S"),
    "escalate": ("reg asg acc rec sub", "=", "S"),
    "shorten": ("reg asg acc rec sub", "=", "S"),
    "prove": ("reg asg acc rec sub sus", "=", "S"),
    "relapse": ("reg asg acc rec sub sus clo", "=", "S"),
    "add-child": ("reg asg acc rec sub clo rej sus", "=", "S"),
    "child-changed": ("reg asg acc rec sub clo rej sus", "=", "S"),
}
UNVERSIONED = {"report-progress", "comment", "attach-evidence", *INTERNAL}

ASKED = ExtensionRequest.model_validate(
    {"due_at": NOW, "reason": "等待材料", "at": NOW, "by": ACTORS[Role.TOWN]}
)
STATES = {
    status: problem_in(status).model_copy(update={"extension_request": ASKED}) for status in Status
}


def sources(command: str) -> set[Status]:
    return {ABBREVIATIONS[word] for word in TABLE[command][0].split()}


def roles(command: str) -> set[Role]:
    return {ROLES[letter] for letter in TABLE[command][2]}


def test_every_state_and_command_is_in_the_table() -> None:
    assert set(TABLE) == set(RULES) == set(BODIES)
    assert set(WAYS) == set(Status)


@pytest.mark.parametrize("command", TABLE)
def test_what_is_printed_is_what_is_agreed(command: str) -> None:
    rule = RULES[command]
    assert rule.id == f"problem.{command}"
    assert rule.sources == sources(command)
    assert rule.roles == roles(command)
    assert rule.needs_version == (command not in UNVERSIONED)
    assert rule.internal == (command in INTERNAL)


@pytest.mark.parametrize(("status", "command"), list(product(Status, TABLE)))
def test_state_and_command(status: Status, command: str) -> None:
    """Every role at once: who is let through, to where; who is not, and what is said."""
    entry = STATES[status]
    allowed_state = status in sources(command)
    for role, actor in ACTORS.items():
        # Time itself presses only when something is due.
        who = context(actor, NOW + (120 if command == "escalate" else 10) * HOUR)
        try:
            decision = decide(entry, command, BODIES[command], entry.version, who)
        except Refused as no:
            said = no.refusal
            if command in INTERNAL and role is not Role.SYSTEM:
                assert said.type == "not-found" and command not in re.split("[:、]", said.detail)
            elif role not in roles(command):
                assert said.type == "role-not-allowed" and said.status == 403
                assert set(said.facts["roles"]) == {r.value for r in roles(command)} - {"system"}
            elif status is Status.MOVED:
                assert said.type == "moved" and said.facts == {"moved_to": "coal"}
            elif not allowed_state:
                assert said.type == "illegal-transition" and said.status == 409
                assert said.facts["state"] == status.value
                assert said.facts["command"] == command
                goes_on = command in FOLLOWS and status is Status.MERGED
                assert said.facts.get("merged_into") == ("another" if goes_on else None)
                can = [c for c in TABLE if status in sources(c) and c not in INTERNAL]
                assert said.facts["possible"] == can == possible(status)
                assert STATUS_NAMES[status] in said.detail and command in said.detail
                assert all(each in said.detail for each in can)
            else:
                pytest.fail(f"{role} may {command} in {status}, but was refused: {said}")
            continue
        assert allowed_state and role in roles(command), f"{role} must not {command} in {status}"
        after = decision.entry
        assert isinstance(after, Problem)
        to = TABLE[command][1]
        if command == "relapse" and status is Status.CLOSED:
            to = "asg"
        assert after.status is (entry.status if to == "=" else ABBREVIATIONS[to])
        assert decision.rule == f"problem.{command}"
        assert after.version == entry.version + 1
        assert (after.updated_at, after.updated_by) == (who.now, actor)
        assert (after.id, after.number, after.created_at) == (
            entry.id, entry.number, entry.created_at,
        )  # fmt: skip


def test_every_state_is_named_and_moved_is_final() -> None:
    assert set(STATUS_NAMES) == set(Status)
    assert possible(Status.MOVED) == []
    assert not any(Status.MOVED in rule.sources for rule in RULES.values())


@pytest.mark.parametrize("status", [Status.REGISTERED, Status.ASSIGNED, Status.ACCEPTED])
def test_resume_goes_back_to_where_it_was(status: Status) -> None:
    suspended = do(problem_in(status), "suspend")
    assert suspended.suspension is not None and suspended.suspension.reason == "冬季停工"
    resumed = do(suspended, "resume")
    assert resumed.status is status and resumed.suspension is None
