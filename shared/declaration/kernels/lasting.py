"""A state of things that lasts too long: treatment off while production runs, a value that is stuck.

Time is the readings' own. Defined effects, each tested:
- a reading that says nothing (flagged, missing, from a blackout window) neither raises nor clears;
- it lasts from the first reading that shows it to the newest, as long as all between show the same
  and no hole between them is longer than `gap_hours`; after one it begins anew;
- a repeat of the newest reading changes nothing; a late one that shows something else within the
  present run shortens the run to its newest reading, and has no other effect;
- it is over when all readings of `clear_hours` show something else, without such a hole;
- an idle reading ends the run, and the proof begins anew after it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.declaration.rule import Facts, Outcome, Rule, State, by_device
from shared.declaration.signal import Observed
from shared.declaration.spans import after
from shared.domain.finding import Finding, FindingKind, Proof
from shared.domain.moments import SHANGHAI, Moment
from shared.domain.problem import Severity

WELL = ""
"""The sign of a reading that shows that all is well."""
IDLE = "-"
"""The sign of one that shows that there is nothing to judge: what lasted has ended, but nothing
proves that it is well. A closed kitchen does not prove that its purifier works."""


class Lasts(State):
    """The present run of one sign, and the sign that was raised, with what speaks against it."""

    sign: str = WELL
    since: Moment | None = None
    last: Moment | None = None
    raised: str = WELL
    off_since: Moment | None = None
    off_count: int = 0


@dataclass(frozen=True)
class Lasting:
    """Numbers it takes from the pack under its code: `gap_hours`, `clear_hours`, and the hours that
    are too long, where no limit says so."""

    code: str
    zh: str
    en: str
    signal: str
    sign: Callable[[str, Any, Facts], str | None]
    """(rule code, the signal's data, facts) → what it shows: WELL, IDLE, or a word for what is
    wrong, which must stay the same while it lasts; None: it says nothing."""
    category: str
    limit: str | None = None
    """Id of the limit that says how long is too long; or"""
    hours: Callable[[str], str] = field(default=lambda _: "hours")
    """the name of the rule's number that does, for a sign."""
    severity: Severity = Severity.SERIOUS
    clause: str | None = None
    department: str | None = None
    source: str = "online_monitor"
    applies: Callable[[Any], bool] = field(default=lambda _: True)
    key: Callable[[Observed], str | None] = by_device
    subject: Callable[[Any], str] = field(default=lambda data: str(data.device_id))
    site: Callable[[Any], str | None] = field(default=lambda _: None)
    said: Callable[[Any], str] = field(default=lambda _: "")
    """What the description says of the newest reading."""

    def rule(self) -> Rule[Lasts]:
        return Rule(
            code=self.code,
            zh=self.zh,
            en=self.en,
            reads=frozenset({self.signal}),
            state=Lasts,
            key=lambda seen: self.key(seen) if self.applies(seen.data) else None,
            step=self._step,
            categories=frozenset({self.category}),
            proves=True,
        )

    def _step(self, state: Lasts, seen: Observed, facts: Facts) -> Outcome[Lasts]:
        data, at = seen.data, seen.data.observed_at
        sign = self.sign(self.code, data, facts)
        if sign is None or facts.blacked_out(seen.line, seen.signal, data.device_id, at):
            return Outcome(state)
        last, since = state.last, state.since
        if last is not None and since is not None and at <= last:
            if since < at < last and sign != state.sign:
                return Outcome(state.model_copy(update={"since": last}))
            return Outcome(state)
        whole = last is not None and at - last <= self._number("gap_hours", facts)
        if sign != state.sign or not whole or since is None:
            since = at
        state = state.model_copy(update={"sign": sign, "since": since, "last": at})
        if sign not in (WELL, IDLE) and self._too_long(sign, since, at, facts):
            lasting = state.model_copy(update={"raised": sign, **_NOT_OFF})
            return Outcome(lasting, (self._finding(data, since),))
        return self._against(state, sign, whole, data, facts)

    def _against(
        self, state: Lasts, sign: str, whole: bool, data: Any, facts: Facts
    ) -> Outcome[Lasts]:
        """What the reading says against what was raised."""
        if state.raised == WELL or sign in (IDLE, state.raised):
            return Outcome(state.model_copy(update=_NOT_OFF))
        at: datetime = data.observed_at
        since, count = state.off_since, state.off_count + 1
        if since is None or not whole:
            since, count = at, 1
        if at - since < self._number("clear_hours", facts):
            return Outcome(state.model_copy(update={"off_since": since, "off_count": count}))
        finding = self._finding(data, since).model_copy(
            update={
                "kind": FindingKind.CLEAR,
                "proof": Proof(since=since, until=at, readings=count),
                "description": f"自{_clock(since)}起恢复正常",
            }
        )
        return Outcome(state.model_copy(update={"raised": WELL, **_NOT_OFF}), (finding,))

    def _too_long(self, sign: str, since: datetime, at: datetime, facts: Facts) -> bool:
        if self.limit is None:
            return at - since >= self._number(self.hours(sign), facts)
        limit = facts.limit(self.limit, at)
        return limit is not None and at >= after(since, limit)

    def _number(self, name: str, facts: Facts) -> timedelta:
        return timedelta(hours=facts.number(self.code, name))

    def _finding(self, data: Any, since: datetime) -> Finding:
        site = self.site(data)
        minutes = (data.observed_at - since).total_seconds() / 60
        return Finding(
            rule=self.code,
            subject=self.subject(data),
            category=self.category,
            severity=self.severity,
            source=self.source,
            title=f"{site or data.device_id} {self.zh}",
            description=f"{self.said(data)}自{_clock(since)}起已持续 {_length(minutes)}",
            seen_at=data.observed_at,
            town=data.town,
            lon=data.lon,
            lat=data.lat,
            site=site,
            clause=self.clause,
            department=self.department,
            facts={"since": since.isoformat(), "minutes": round(minutes)},
        )


_NOT_OFF: dict[str, Any] = {"off_since": None, "off_count": 0}


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%m月%d日%H:%M}"


def _length(minutes: float) -> str:
    return f"{minutes:.0f} 分钟" if minutes < 120 else f"{minutes / 60:.1f} 小时"
