"""A device that falls silent is a problem of its own: 一般 after some hours, 较重 after a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.declaration.rule import Facts, Outcome, Rule, State, by_device
from shared.declaration.signal import Observed
from shared.domain.finding import Finding, FindingKind, Proof
from shared.domain.moments import Moment
from shared.domain.problem import Severity


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
    """Numbers it takes from the pack under its code: `general_hours`, `serious_hours`,
    `back_hours` (heard again for so long: it is over)."""

    code: str
    signals: frozenset[str]
    """Names of the signals that the device is expected to send."""
    category: str
    clause: str | None = None
    department: str | None = None

    def rule(self) -> Rule[Hearing]:
        return Rule(
            code=self.code,
            zh="设备离线",
            en="Device silent",
            reads=self.signals,
            state=Hearing,
            key=by_device,
            step=self._step,
            wake=self._wake,
            categories=frozenset({self.category}),
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
        finding = self._finding(state, told, at, f"设备 {state.device} 已恢复上传")
        proof = Proof(since=since, until=at, readings=count)
        over = state.model_copy(update={"told": None, "back_since": None, "back_count": 0})
        cleared = finding.model_copy(update={"kind": FindingKind.CLEAR, "proof": proof})
        return Outcome(over, (cleared,), wake_at=self._next(over, facts))

    def _wake(self, state: Hearing, now: datetime, facts: Facts) -> Outcome[Hearing]:
        if state.heard_at is None:
            return Outcome(state)
        silent = now - state.heard_at
        due = None
        for severity, hours in self._steps(facts):
            if silent >= hours:
                due = severity
        if due is None or state.told == due or _blacked_out(facts, self.signals, state, now):
            return Outcome(state, wake_at=self._next(state, facts, now))
        state = state.model_copy(update={"told": due, "back_since": None, "back_count": 0})
        said = f"设备 {state.device} 最后一次上传为 {state.heard_at:%Y-%m-%d %H:%M} UTC"
        finding = self._finding(state, due, now, said)
        return Outcome(state, (finding,), wake_at=self._next(state, facts, now))

    def _steps(self, facts: Facts) -> tuple[tuple[Severity, timedelta], ...]:
        return (
            (Severity.GENERAL, timedelta(hours=facts.number(self.code, "general_hours"))),
            (Severity.SERIOUS, timedelta(hours=facts.number(self.code, "serious_hours"))),
        )

    def _next(self, state: Hearing, facts: Facts, now: datetime | None = None) -> datetime | None:
        """When its silence becomes worse; None when nothing worse can come."""
        if state.heard_at is None:
            return None
        steps = [state.heard_at + hours for _, hours in self._steps(facts)]
        return next((moment for moment in steps if now is None or moment > now), None)

    def _finding(self, state: Hearing, severity: Severity, at: datetime, said: str) -> Finding:
        return Finding(
            rule=self.code,
            subject=state.device,
            category=self.category,
            severity=severity,
            source="online_monitor",
            title=f"{state.device} 设备离线",
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
