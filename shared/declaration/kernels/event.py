"""A report that is itself the finding: a truck without cover, a failed check, a leaking valve."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from shared.declaration.rule import Facts, Outcome, Rule, State, by_device
from shared.declaration.signal import Observed
from shared.domain.finding import Finding
from shared.domain.moments import Moment

RECENT = 50
"""Reports remembered of one key, to know a repeat when it comes late."""


class Reported(State):
    """What one source has reported, so that a repeat is known."""

    recent: tuple[tuple[Moment, str], ...] = ()


@dataclass(frozen=True)
class Event:
    """`find` judges one report: what is wrong, or None where nothing is.

    Flagged reports and those of blackout windows are passed over; the same report (time, category
    and subject) counts once, however often and however late it comes. With `paced`, one that says
    the same as another within `again_hours` (the pack's) says nothing new: a machine reports its
    position every minute.
    """

    code: str
    zh: str
    en: str
    signal: str
    find: Callable[[str, Any, Facts], Finding | tuple[Finding, ...] | None]
    """(rule code, the signal's data, facts) → a finding, several, or None."""
    categories: frozenset[str]
    key: Callable[[Observed], str | None] = by_device
    applies: Callable[[Any], bool] = field(default=lambda _: True)
    paced: bool = False

    def rule(self) -> Rule[Reported]:
        return Rule(
            code=self.code,
            zh=self.zh,
            en=self.en,
            reads=frozenset({self.signal}),
            state=Reported,
            key=lambda seen: self.key(seen) if self.applies(seen.data) else None,
            step=self._step,
            categories=self.categories,
        )

    def _step(self, state: Reported, seen: Observed, facts: Facts) -> Outcome[Reported]:
        data = seen.data
        if not data.good or facts.blacked_out(
            seen.line, seen.signal, data.device_id, data.observed_at
        ):
            return Outcome(state)
        judged = self.find(self.code, data, facts) or ()
        fresh: list[Finding] = []
        for found in (judged,) if isinstance(judged, Finding) else judged:
            about = f"{found.category}:{found.severity}:{found.subject}"
            if self._told(state, found, about, facts):
                continue
            state = Reported(recent=(*state.recent, (found.seen_at, about))[-RECENT:])
            fresh.append(found)
        return Outcome(state, tuple(fresh))

    def _told(self, state: Reported, found: Finding, about: str, facts: Facts) -> bool:
        if not self.paced:
            return (found.seen_at, about) in state.recent
        pause = timedelta(hours=facts.number(self.code, "again_hours"))
        return (
            any(said == about and abs(found.seen_at - at) < pause for at, said in state.recent)
            or (found.seen_at, about) in state.recent
        )
