"""Escalation (督办): how hard a late entry is being pressed. It stands beside the state, never in it.

Every step has its moment, reckoned from a clock of the entry. What was missed is recorded with the
moment at which it was due, and only the highest of them is sent: a process that was away for a week
does not send a week of letters at once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.domain.actor import Role
from shared.domain.deadlines import ClockKind, Deadline, Owner
from shared.domain.moments import Moment

RAISED_KEPT = 30
"""Steps that an entry remembers; all of them stand in its history."""


class EscalationLevel(StrEnum):
    REMINDED = "reminded"
    URGED = "urged"
    SUPERVISED = "supervised"
    LISTED = "listed"
    TALKED = "talked"
    PUBLISHED = "published"


LEVEL_NAMES: dict[EscalationLevel, str] = {
    EscalationLevel.REMINDED: "提醒",
    EscalationLevel.URGED: "催办",
    EscalationLevel.SUPERVISED: "督办",
    EscalationLevel.LISTED: "挂牌督办",
    EscalationLevel.TALKED: "约谈",
    EscalationLevel.PUBLISHED: "通报",
}
RANK = {level: rank for rank, level in enumerate(EscalationLevel, start=1)}

Told = Literal["owner", "line_lead", "coordinator", "department", "town", "inspector"]
_OWNERS: dict[Owner, tuple[Role, ...]] = {
    "line": (Role.LINE_LEAD,),
    "unit": (Role.DEPARTMENT, Role.TOWN),
    "inspector": (Role.INSPECTOR,),
}


@dataclass(frozen=True)
class StepRule:
    """One step: for which clocks, when, and who is told."""

    level: EscalationLevel
    after: timedelta | None
    """Natural time past the due moment; None: when only the reminder's share is left."""
    clocks: frozenset[ClockKind]
    told: tuple[Told, ...]

    def due_at(self, clock: Deadline) -> Moment:
        return clock.remind_at if self.after is None else clock.due_at + self.after

    def roles(self, owner: Owner) -> tuple[Role, ...]:
        found = dict.fromkeys(
            role
            for who in self.told
            for role in (_OWNERS[owner] if who == "owner" else (Role(who),))
        )
        return tuple(found)


class Raised(BaseModel):
    """One step that was taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: EscalationLevel
    clock: ClockKind
    owner: Owner
    due_at: Moment
    """When the step was due; `at`: when it was taken."""
    at: Moment
    sent: bool
    """Whether somebody was told; a step that was missed is only recorded."""
    told: tuple[Role, ...]


class Escalation(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    level: EscalationLevel
    """The highest since the entry was last begun."""
    since: Moment
    raised: tuple[Raised, ...]


@dataclass(frozen=True)
class Ladder:
    """The steps in their order, and the share of a clock's time at which it reminds."""

    share: float
    steps: tuple[StepRule, ...]

    def of(self, kind: ClockKind) -> tuple[StepRule, ...]:
        return tuple(step for step in self.steps if kind in step.clocks)

    def next_at(self, clock: Deadline) -> Moment | None:
        """When the clock's next step is due; None: never, or not while it is paused."""
        steps = self.of(clock.kind)
        if clock.paused_at is not None or clock.step >= len(steps):
            return None
        return steps[clock.step].due_at(clock)

    def earliest(self, clocks: Iterable[Deadline]) -> Moment | None:
        return min((at for clock in clocks if (at := self.next_at(clock))), default=None)

    def past(self, clock: Deadline, now: Moment) -> int:
        """How many steps of a clock are already behind `now`."""
        return sum(1 for step in self.of(clock.kind) if step.due_at(clock) <= now)

    def due(self, clock: Deadline, now: Moment) -> Iterator[tuple[StepRule, Moment]]:
        """The steps that are due and not taken, with their moments."""
        if clock.paused_at is None:
            for step in self.of(clock.kind)[clock.step :]:
                if (at := step.due_at(clock)) > now:
                    return
                yield step, at


NO_LADDER = Ladder(share=0.25, steps=())


def raise_steps(
    ladder: Ladder, clocks: tuple[Deadline, ...], held: Escalation | None, now: Moment
) -> tuple[tuple[Deadline, ...], Escalation] | None:
    """The clocks and the escalation after every step that is due; None where none is."""
    found = [(step, at, clock) for clock in clocks for step, at in ladder.due(clock, now)]
    if not found:
        return None
    top = max(range(len(found)), key=lambda n: (RANK[found[n][0].level], found[n][1]))
    new = [
        Raised(
            level=step.level,
            clock=clock.kind,
            owner=clock.owner,
            due_at=at,
            at=now,
            sent=n == top,
            told=step.roles(clock.owner),
        )
        for n, (step, at, clock) in enumerate(found)
    ]
    new.sort(key=lambda raised: raised.due_at)
    level = found[top][0].level
    higher = held is None or RANK[level] > RANK[held.level]
    taken = {clock.kind: sum(1 for _, _, each in found if each is clock) for clock in clocks}
    return (
        tuple(c.model_copy(update={"step": c.step + taken[c.kind]}) for c in clocks),
        Escalation(
            level=level if held is None or higher else held.level,
            since=now if held is None or higher else held.since,
            raised=(*(held.raised if held else ()), *new)[-RAISED_KEPT:],
        ),
    )
