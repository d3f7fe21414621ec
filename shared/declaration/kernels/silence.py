"""A device that falls silent is a problem of its own: 一般 after some hours, 较重 after a day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.declaration.rule import Facts, Outcome, Rule, State, by_device
from shared.declaration.signal import Observed
from shared.declaration.spans import after
from shared.domain.finding import Finding, FindingKind, Proof
from shared.domain.moments import SHANGHAI, Moment
from shared.domain.problem import Severity

COMMON = {"general_hours": "common.offline.minor", "serious_hours": "common.offline.major"}
"""The limits that hold for every device whose rule has no such number of its own."""

ASK_AGAIN = timedelta(hours=1)
"""So long after a blackout hid a silence it is looked at again: the silence may outlast it."""


class Hearing(State):
    """When and where a device was heard last, and how serious its silence has been called."""

    device: str = ""
    heard_at: Moment | None = None
    lon: float | None = None
    lat: float | None = None
    town: str | None = None
    told: Severity | None = None
    back_since: Moment | None = None
    back_count: int = 0


@dataclass(frozen=True)
class Silence:
    """Numbers it takes from the pack under its code: `back_hours` (heard again for so long: it is
    over), and `general_hours` and `serious_hours` where the county's common hours do not fit, as
    for a monthly report. Flagged readings are signs of life, too."""

    code: str
    signals: frozenset[str]
    """Names of the signals that the device is expected to send."""
    category: str
    clause: str | None = None
    department: str | None = None
    zh: str = "设备离线"
    en: str = "Device silent"
    applies: Callable[[Any], bool] = field(default=lambda _: True)
    """Whether the sender of this is expected again: a portable instrument is not."""

    def rule(self) -> Rule[Hearing]:
        return Rule(
            code=self.code,
            zh=self.zh,
            en=self.en,
            reads=self.signals,
            state=Hearing,
            key=lambda seen: by_device(seen) if self.applies(seen.data) else None,
            step=self._step,
            wake=self._wake,
            categories=frozenset({self.category}),
            proves=True,
        )

    def _step(self, state: Hearing, seen: Observed, facts: Facts) -> Outcome[Hearing]:
        data = seen.data
        at = data.observed_at
        if state.heard_at is not None and at <= state.heard_at:
            return Outcome(state, wake_at=self._next(state, facts))
        state = state.model_copy(
            update={
                "device": data.device_id,
                "heard_at": at,
                "lon": data.lon if data.lon is not None else state.lon,
                "lat": data.lat if data.lat is not None else state.lat,
                "town": data.town or state.town,
            }
        )
        told = state.told
        if told is None:
            return Outcome(state, wake_at=self._next(state, facts))
        since, count = state.back_since or at, state.back_count + 1
        if at - since < timedelta(hours=facts.number(self.code, "back_hours")):
            state = state.model_copy(update={"back_since": since, "back_count": count})
            return Outcome(state, wake_at=self._next(state, facts))
        finding = self._finding(state, told, at, f"{state.device} 已恢复上传")
        proof = Proof(since=since, until=at, readings=count)
        over = state.model_copy(update={"told": None, "back_since": None, "back_count": 0})
        cleared = finding.model_copy(update={"kind": FindingKind.CLEAR, "proof": proof})
        return Outcome(over, (cleared,), wake_at=self._next(over, facts))

    def _wake(self, state: Hearing, now: datetime, facts: Facts) -> Outcome[Hearing]:
        if state.heard_at is None:
            return Outcome(state)
        heard_at, due = state.heard_at, None
        for severity, moment in self._steps(heard_at, facts):
            if now >= moment:
                due = severity
        if due is None:
            return Outcome(state, wake_at=self._next(state, facts, now))
        if _blacked_out(facts, self.signals, state, now):
            return Outcome(state, wake_at=now + ASK_AGAIN)
        # Whatever was heard between was too short to be back.
        state = state.model_copy(update={"back_since": None, "back_count": 0})
        if state.told in (due, Severity.SERIOUS):
            return Outcome(state, wake_at=self._next(state, facts, now))
        state = state.model_copy(update={"told": due})
        last = heard_at.astimezone(SHANGHAI)
        said = f"{state.device} 最后一次上传为 {last:%Y-%m-%d %H:%M}"
        finding = self._finding(state, due, now, said)
        return Outcome(state, (finding,), wake_at=self._next(state, facts, now))

    def _steps(self, heard_at: datetime, facts: Facts) -> Iterator[tuple[Severity, datetime]]:
        yield Severity.GENERAL, self._due(heard_at, "general_hours", facts)
        yield Severity.SERIOUS, self._due(heard_at, "serious_hours", facts)

    def _due(self, heard_at: datetime, name: str, facts: Facts) -> datetime:
        try:
            return heard_at + timedelta(hours=facts.number(self.code, name))
        except KeyError:
            limit = facts.limit(COMMON[name], heard_at)
            if limit is None:
                raise
            return after(heard_at, limit)

    def _next(self, state: Hearing, facts: Facts, now: datetime | None = None) -> datetime | None:
        """When its silence becomes worse; None when nothing worse can come."""
        if state.heard_at is None:
            return None
        steps = (moment for _, moment in self._steps(state.heard_at, facts))
        return next((moment for moment in steps if now is None or moment > now), None)

    def _finding(self, state: Hearing, severity: Severity, at: datetime, said: str) -> Finding:
        return Finding(
            rule=self.code,
            subject=state.device,
            category=self.category,
            severity=severity,
            source="online_monitor",
            title=f"{state.device} {self.zh}",
            description=said,
            seen_at=at,
            town=state.town,
            lon=state.lon,
            lat=state.lat,
            clause=self.clause,
            department=self.department,
        )


def _blacked_out(facts: Facts, signals: frozenset[str], state: Hearing, now: datetime) -> bool:
    """Whether all that the device sends is blacked out now."""
    names = [name.split(".", 1) for name in signals]
    return all(facts.blacked_out(line, signal, state.device, now) for line, signal in names)
