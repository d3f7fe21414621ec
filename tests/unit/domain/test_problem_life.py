"""Random lives: random commands by random people, and what must hold after each of them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.application.transfer import received
from shared.domain.actor import Actor, Role
from shared.domain.decide import decide, entry_from
from shared.domain.problem import EVIDENCE_LIMIT, OPEN, Problem, Status
from shared.domain.problem_effects import ABSORBED_KEPT
from shared.domain.problem_rules import RULES, possible
from shared.domain.refusal import TITLES, Refused
from tests.unit.domain.world import LINES, NOW, TOWNS, UNITS, context, facts, problem_in, register

CODES = st.sampled_from([*UNITS, *TOWNS])
HASHES = st.integers(0, 5).map(lambda n: f"{n:064x}")
REASON = st.sampled_from(["有误", "  需要 "])
LATER = st.integers(1, 90).map(lambda days: (NOW + timedelta(days=days)).isoformat())
EVIDENCE = st.fixed_dictionaries(
    {"kind": st.sampled_from(["before", "after", "after"]), "sha256": HASHES},
    optional={"taken_at": st.integers(-20, 40).map(lambda h: (NOW + timedelta(hours=h)).isoformat())},
)  # fmt: skip
BODIES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "assign": st.fixed_dictionaries(
        {"unit": CODES, "co_units": st.lists(CODES, max_size=2)},
        optional={"due_at": LATER, "town": st.sampled_from(sorted(TOWNS))},
    ),
    "return": st.fixed_dictionaries({"reason": REASON, "suggested_unit": CODES})
    | st.fixed_dictionaries({"reason": REASON, "suggested_line": st.sampled_from(sorted(LINES))}),
    "report-progress": st.just({"text": "一半"}),
    "approve": st.fixed_dictionaries(
        {"result": st.just("qualified"), "evidence": st.lists(EVIDENCE, max_size=2)}
    ),
    "extend": st.fixed_dictionaries({"due_at": LATER, "reason": REASON}),
    "merge": st.just({"into": "another"}),
    "transfer": st.fixed_dictionaries({"line": st.sampled_from(sorted(LINES)), "reason": REASON}),
    "comment": st.just({"text": "请尽快"}),
    "attach-evidence": EVIDENCE,
    "change-severity": st.fixed_dictionaries(
        {"severity": st.sampled_from(["general", "serious", "critical"]), "reason": REASON}
    ),
    "absorb": st.just({"problem": "another", "number": "扬尘-2026-00009"}),
}
WITH_REASON = st.fixed_dictionaries({"reason": REASON})
ORDINARY = {
    Status.REGISTERED: "assign",
    Status.ASSIGNED: "accept",
    Status.ACCEPTED: "start",
    Status.RECTIFYING: "submit",
    Status.SUBMITTED: "approve",
}
"""State → what happens next when all goes well: random lives alone seldom get that far."""


class Life(RuleBasedStateMachine):
    """One problem, wherever it goes."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.entry = register()
        self.line = "dust"
        self.shown: list[tuple[int, datetime]] = []

    @initialize(line=st.sampled_from(sorted(LINES)))
    def start(self, line: str) -> None:
        self.line = line
        self.entry = register(line=line, category="other")

    def give(self, command: str, actor: Actor, body: dict[str, Any], version: int | None) -> None:
        before = self.entry
        can = possible(before.status)
        try:
            decision = decide(before, command, body, version, context(actor, self.now, self.line))
        except Refused as no:
            assert self.entry is before
            assert TITLES[no.refusal.type][0] == no.refusal.status
            return
        after = decision.entry
        assert isinstance(after, Problem)
        assert actor.role in RULES[command].roles and before.status in RULES[command].sources
        assert command in can or actor.role is Role.SYSTEM
        assert decision.rule == f"problem.{command}"
        assert after.version == before.version + 1
        assert (after.updated_at, after.updated_by) == (self.now, actor)
        for field in ("id", "kind", "number", "created_at", "reported_at", "reported_by", "line",
                      "title", "description", "found_at", "location", "category", "source"):  # fmt: skip
            assert getattr(after, field) == getattr(before, field), field
        for field in ("returns", "extensions", "reopened", "comment_count", "progress_count",
                      "absorbed_count"):  # fmt: skip
            assert 0 <= getattr(after, field) - getattr(before, field) <= 1, field
        assert set(before.evidence) <= set(after.evidence)
        assert set(before.rectified_by) <= set(after.rectified_by)
        if command == "approve":
            self.approved_rightly(before, after, actor)
        self.entry = after

    def approved_rightly(self, before: Problem, after: Problem, actor: Actor) -> None:
        assert actor.unit is not None and not before.concerns(actor.unit)
        assert actor.unit not in after.rectified_by
        started = before.started_at
        assert started is not None
        assert any(
            e.kind == "after" and e.attached_at >= started and (e.taken_at or started) >= started
            for e in after.evidence
        )

    @rule(
        data=st.data(),
        command=st.sampled_from(sorted(RULES)),
        role=st.sampled_from(Role),
        unit=st.none() | CODES,
    )
    def anybody_tries_anything(
        self, data: st.DataObject, command: str, role: Role, unit: str | None
    ) -> None:
        body = data.draw(BODIES.get(command, WITH_REASON))
        seen = data.draw(st.sampled_from([self.entry.version] * 8 + [None, self.entry.version - 1]))
        self.give(command, Actor(id="a", role=role, unit=unit), body, seen)

    @precondition(lambda self: self.entry.status is not Status.MOVED)
    @rule(data=st.data())
    def somebody_does_what_is_next(self, data: st.DataObject) -> None:
        """What fits the state, by somebody who may: this is how lives get far."""
        command = data.draw(st.sampled_from(possible(self.entry.status)))
        role = data.draw(st.sampled_from(sorted(RULES[command].roles)))
        own = [code for code in (self.entry.unit, self.entry.town, *self.entry.co_units) if code]
        unit = data.draw(st.sampled_from(own)) if own and RULES[command].own_unit else None
        body = data.draw(BODIES.get(command, WITH_REASON))
        actor = Actor(id="b", role=role, unit=unit or data.draw(CODES))
        self.give(command, actor, body, self.entry.version)

    @precondition(lambda self: self.entry.status in ORDINARY)
    @rule(data=st.data())
    def all_goes_well(self, data: st.DataObject) -> None:
        command = ORDINARY[self.entry.status]
        if RULES[command].own_unit:
            actor = Actor(id="c", role=Role.DEPARTMENT, unit=self.entry.unit)
        else:
            actor = Actor(id="c", role=Role.LINE_LEAD, unit=data.draw(CODES))
        body = data.draw(BODIES.get(command, WITH_REASON))
        self.give(command, actor, body, self.entry.version)

    @precondition(lambda self: self.entry.status is Status.MOVED)
    @rule()
    def the_other_line_goes_on(self) -> None:
        stub = self.entry
        assert stub.moved_to is not None and stub.moved_to != self.line
        after = received(stub, context(at=self.now, line=stub.moved_to)).entry
        assert isinstance(after, Problem)
        assert (after.id, after.number, after.version) == (stub.id, stub.number, stub.version + 1)
        assert (after.due_at, after.rectified_by) == (stub.due_at, stub.rectified_by)
        assert after.category in facts(stub.moved_to).categories
        self.line, self.entry = stub.moved_to, after

    @rule(hours=st.integers(0, 200))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours, milliseconds=1)

    @invariant()
    def it_is_whole(self) -> None:
        entry = self.entry
        assert entry.line == self.line
        assert entry_from(entry.model_dump(mode="json")) == entry, "it survives being stored"
        assert len(entry.evidence) <= EVIDENCE_LIMIT
        assert len(entry.absorbed) <= ABSORBED_KEPT
        assert len(entry.rectified_by) <= 20
        assert (entry.status is Status.CLOSED) == (entry.closed_at is not None)
        assert (entry.status is Status.CLOSED) == (entry.verdict is not None)
        assert (entry.status is Status.MOVED) == (entry.moved_to is not None)
        assert (entry.status is Status.MERGED) == (entry.merged_into is not None)
        assert (entry.status is Status.SUSPENDED) == (entry.suspension is not None)
        working = {Status.ASSIGNED, Status.ACCEPTED, Status.RECTIFYING, Status.SUBMITTED}
        if entry.status in working | {Status.CLOSED}:
            assert entry.unit is not None
        if entry.status in {Status.RECTIFYING, Status.SUBMITTED, Status.CLOSED}:
            assert entry.started_at is not None and entry.rectified_by
        if entry.status is Status.MOVED:
            assert possible(entry.status) == []
        assert entry.is_overdue(self.now) <= (entry.status in OPEN)


Life.TestCase.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None, print_blob=True
)
TestLife = Life.TestCase


@pytest.mark.parametrize("status", Status)
def test_every_state_can_be_reached(status: Status) -> None:
    """By its shortest way. What the random lives happen to reach is left to chance, and a test is
    not."""
    assert problem_in(status).status is status
