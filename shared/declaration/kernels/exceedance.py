"""A measured value against a limit: raised after so many in a row, over after so many hours below.

Defined effects, each tested:
- a missing or flagged value, and one from a blackout window, neither raises nor clears;
- a repeat of a time already seen changes nothing;
- a late reading (older than the newest) never clears; above the limit it counts as seen again while
  the exceedance lasts, and raises by itself only where one reading is enough;
- it is over when all readings of `clear_hours` are within the limit and they cover that time
  without a hole larger than a third of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.declaration.rule import Facts, Limit, Outcome, Rule, State, by_device
from shared.declaration.signal import Observed
from shared.domain.finding import Finding, FindingKind, Proof
from shared.domain.moments import Moment
from shared.domain.problem import Reading, Severity
from shared.domain.quantities import QUANTITIES

RECENT = 24
"""Times of readings remembered, to know a repeat when it comes late."""


class Exceeding(State):
    """How one source stands to one limit."""

    newest: Moment | None = None
    recent: tuple[Moment, ...] = ()
    run: int = 0
    """Readings above the limit in a row, in the order of time."""
    active: bool = False
    below_since: Moment | None = None
    below_last: Moment | None = None
    below_count: int = 0
    below_highest: float | None = None
    """The reading nearest to the limit among those within it."""


@dataclass(frozen=True)
class Exceedance:
    """One limit on one field of one signal. Numbers it takes from the pack under its code:
    `readings` (in a row, at least 1), `clear_hours`, and `critical_factor` where `critical` is on.
    """

    code: str
    zh: str
    en: str
    signal: str
    """`dust.site-monitor`"""
    value: str
    """The field of the signal's model."""
    quantity: str
    """A key of QUANTITIES: its unit must be the limit's."""
    limit: str | Callable[[Any], str | None]
    """Id of the limit in the pack's standards; or from the data; None: it has no limit."""
    category: str
    clause: str | None = None
    department: str | None = None
    source: str = "online_monitor"
    severity: Severity = Severity.SERIOUS
    critical: bool = False
    """Whether `critical_factor` times the limit makes it critical."""
    applies: Callable[[Any], bool] = field(default=lambda _: True)
    key: Callable[[Observed], str | None] = by_device
    subject: Callable[[Any], str] = field(default=lambda data: str(data.device_id))
    site: Callable[[Any], str | None] = field(default=lambda _: None)
    said: Callable[[Any], str] = field(default=lambda _: "")
    """What the description says besides, such as the plate of a vehicle."""

    def rule(self) -> Rule[Exceeding]:
        return Rule(
            code=self.code,
            zh=self.zh,
            en=self.en,
            reads=frozenset({self.signal}),
            state=Exceeding,
            key=lambda seen: self.key(seen) if self.applies(seen.data) else None,
            step=self._step,
            categories=frozenset({self.category}),
            proves=True,
        )

    def _step(self, state: Exceeding, seen: Observed, facts: Facts) -> Outcome[Exceeding]:
        data, at = seen.data, seen.data.observed_at
        value = data.value(self.value)
        limit_id = self.limit if isinstance(self.limit, str) else self.limit(data)
        if value is None or limit_id is None or at in state.recent:
            return Outcome(state)
        if facts.blacked_out(seen.line, seen.signal, data.device_id, at):
            return Outcome(state)
        limit = facts.limit(limit_id, at)
        if limit is None:
            return Outcome(state)
        late = state.newest is not None and at < state.newest
        recent = tuple(sorted({*state.recent, at}))[-RECENT:]
        if late and at < recent[0]:
            return Outcome(state)
        state = state.model_copy(
            update={"recent": recent, "newest": at if not late else state.newest}
        )
        if limit.meets(value, QUANTITIES[self.quantity][0]):
            return self._above(state, data, value, limit, late, facts)
        return Outcome(state) if late else self._below(state, data, value, limit, facts)

    def _above(
        self, state: Exceeding, data: Any, value: float, limit: Limit, late: bool, facts: Facts
    ) -> Outcome[Exceeding]:
        needed = facts.number(self.code, "readings")
        run = state.run if late else state.run + 1
        active = state.active or run >= needed or needed <= 1
        fresh: dict[str, Any] = {"run": run, "active": active}
        if not late or (state.below_since is not None and data.observed_at >= state.below_since):
            fresh |= _NOT_BELOW
        found = (self._raise(data, value, limit, facts),) if active else ()
        return Outcome(state.model_copy(update=fresh), found)

    def _below(
        self, state: Exceeding, data: Any, value: float, limit: Limit, facts: Facts
    ) -> Outcome[Exceeding]:
        at: datetime = data.observed_at
        state = state.model_copy(update={"run": 0})
        if not state.active:
            return Outcome(state)
        span = timedelta(hours=facts.number(self.code, "clear_hours"))
        since, last = state.below_since, state.below_last
        if since is None or last is None or at - last > span / 3:
            # Nothing was measured for too long: the proof begins anew.
            since, count, highest = at, 1, value
        else:
            count = state.below_count + 1
            highest = _nearer(limit, value, state.below_highest)
        if at - since < span:
            held = {"below_since": since, "below_last": at, "below_count": count}
            return Outcome(state.model_copy(update={**held, "below_highest": highest}))
        proof = Proof(since=since, until=at, readings=count, highest=self._reading(highest, limit))
        cleared = self._finding(data, limit, FindingKind.CLEAR, self._reading(value, limit))
        return Outcome(
            state.model_copy(update={"active": False, **_NOT_BELOW}),
            (cleared.model_copy(update={"proof": proof}),),
        )

    def _raise(self, data: Any, value: float, limit: Limit, facts: Facts) -> Finding:
        finding = self._finding(data, limit, FindingKind.RAISE, self._reading(value, limit))
        if self.critical and value > limit.value * facts.number(self.code, "critical_factor"):
            return finding.model_copy(update={"severity": Severity.CRITICAL})
        return finding

    def _reading(self, value: float, limit: Limit) -> Reading:
        return Reading(
            quantity=self.quantity,
            value=value,
            unit=limit.unit,
            limit=limit.value,
            standard=limit.standard,
        )

    def _finding(self, data: Any, limit: Limit, kind: FindingKind, reading: Reading) -> Finding:
        name = QUANTITIES[self.quantity][1]
        site = self.site(data)
        standard = f"({limit.standard})" if limit.standard else "(本县配置,无国家或地方标准号)"
        return Finding(
            rule=self.code,
            kind=kind,
            subject=self.subject(data),
            category=self.category,
            severity=self.severity,
            source=self.source,
            title=f"{site or data.device_id} {self.zh}",
            description=f"{name} {reading.value:g} {limit.unit},"
            f"限值 {limit.value:g} {limit.unit}{standard}{self.said(data)}",
            seen_at=data.observed_at,
            reading=reading,
            town=data.town,
            lon=data.lon,
            lat=data.lat,
            site=site,
            clause=self.clause,
            department=self.department,
        )


def _nearer(limit: Limit, one: float, other: float | None) -> float:
    """Of two values within the limit the one nearer to it: the higher where above is wrong."""
    if other is None:
        return one
    above_is_wrong = limit.meets(limit.value + 1, limit.unit)
    return max(one, other) if above_is_wrong else min(one, other)


_NOT_BELOW: dict[str, Any] = {
    "below_since": None,
    "below_last": None,
    "below_count": 0,
    "below_highest": None,
}
