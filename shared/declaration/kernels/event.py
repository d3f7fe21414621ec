"""A report that is itself the finding: a truck without cover, a failed check, a leaking valve."""

from collections.abc import Callable
from dataclasses import dataclass, field
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
    """`find` judges one report: a finding, or None where nothing is wrong.

    Flagged reports and those of blackout windows are passed over; the same report (time and
    subject) counts once, however often and however late it comes.
    """

    code: str
    zh: str
    en: str
    signal: str
    find: Callable[[str, Any, Facts], Finding | None]
    """(rule code, the signal's data, facts) → finding or None."""
    categories: frozenset[str]
    key: Callable[[Observed], str | None] = by_device
    applies: Callable[[Any], bool] = field(default=lambda _: True)

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
        found = self.find(self.code, data, facts)
        if found is None or (found.seen_at, found.subject) in state.recent:
            return Outcome(state)
        recent = (*state.recent, (found.seen_at, found.subject))[-RECENT:]
        return Outcome(Reported(recent=recent), (found,))
