"""Remote sensing: one pass above a limit says little, so many in a row within months say it all.

Counted apart for each pollutant and vehicle, in the order of the passes' own time: a pass that
arrives late takes its place among the others. A missing or flagged value is no pass. What was
found is not taken back when a clean pass between two others arrives later.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.declaration.rule import Facts, Limit, Outcome, Rule, State
from shared.declaration.signal import Observed
from shared.declaration.spans import after
from shared.declaration.vehicle import vehicle_of
from shared.domain.finding import Finding
from shared.domain.moments import SHANGHAI, Moment
from shared.domain.problem import Reading, Severity
from shared.domain.quantities import QUANTITIES

REMEMBERED = 24
"""Passes of one vehicle kept."""


class Passes(State):
    """A vehicle's passes, the oldest first: when, and whether above the limit."""

    passes: tuple[tuple[Moment, bool], ...] = ()


@dataclass(frozen=True)
class RepeatedPasses:
    code: str
    zh: str
    en: str
    value: str
    """Field of the signal."""
    quantity: str
    limit: str

    def rule(self) -> Rule[Passes]:
        return Rule(
            code=self.code,
            zh=self.zh,
            en=self.en,
            reads=frozenset({"mobile.remote-sensing"}),
            state=Passes,
            key=_diesel,
            step=self._step,
            categories=frozenset({"vehicle_exceed"}),
        )

    def _step(self, state: Passes, seen: Observed, facts: Facts) -> Outcome[Passes]:
        data: Any = seen.data
        at: datetime = data.observed_at
        value, limit = data.value(self.value), facts.limit(self.limit, at)
        within = facts.limit("mobile.remote-sensing.within", at)
        needed = facts.limit("mobile.remote-sensing.consecutive", at)
        known = any(when == at for when, _ in state.passes)
        if value is None or known or limit is None or within is None or needed is None:
            return Outcome(state)
        if facts.blacked_out(seen.line, seen.signal, data.device_id, at):
            return Outcome(state)
        over = limit.meets(value, QUANTITIES[self.quantity][0])
        passes = tuple(sorted((*state.passes, (at, over))))[-REMEMBERED:]
        newest = passes[-1][0]
        passes = tuple(one for one in passes if after(one[0], within) >= newest)
        state = Passes(passes=passes)
        if not over or not any(when == at for when, _ in passes):
            return Outcome(state)
        row = _row_around(passes, at)
        times = _most_within(row, at, within)
        if not needed.meets(len(times), "1"):
            return Outcome(state)
        return Outcome(state, (self._finding(data, value, limit, times),))

    def _finding(self, data: Any, value: float, limit: Limit, times: list[datetime]) -> Finding:
        name, first = QUANTITIES[self.quantity][1], min(times).astimezone(SHANGHAI)
        return Finding(
            rule=self.code,
            subject=vehicle_of(data.plate),
            category="vehicle_exceed",
            severity=Severity.SERIOUS,
            source="online_monitor",
            title=f"柴油车遥感监测连续 {len(times)} 次超标",
            description=f"车辆 {data.plate} 自 {first:%Y-%m-%d} 起连续 {len(times)} 次{name}超标,"
            f"本次 {value:g} {limit.unit},限值 {limit.value:g} {limit.unit}"
            f"({limit.standard or '本县配置,无国家或地方标准号'})",
            seen_at=data.observed_at,
            reading=Reading(
                quantity=self.quantity,
                value=value,
                unit=limit.unit,
                limit=limit.value,
                standard=limit.standard,
            ),
            town=data.town,
            lon=data.lon,
            lat=data.lat,
            clause="10.1",
            department="ecology",
        )


def _diesel(seen: Observed) -> str | None:
    """The limits are those of diesel vehicles."""
    data: Any = seen.data
    return vehicle_of(data.plate) if data.fuel == "diesel" else None


def _row_around(passes: tuple[tuple[datetime, bool], ...], at: datetime) -> list[datetime]:
    """The passes above the limit around `at` with none below between."""
    row: list[datetime] = []
    for when, over in passes:
        if over:
            row.append(when)
        elif when < at:
            row = []
        else:
            break
    return row


def _most_within(row: list[datetime], at: datetime, within: Limit) -> list[datetime]:
    """The longest stretch of `row` around `at` that lies within the duration."""
    stretches = (
        [when for when in row if first <= when <= after(first, within)]
        for first in row
        if first <= at <= after(first, within)
    )
    return max(stretches, key=len)
