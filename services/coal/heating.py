"""A household that had its heating converted and uses nothing of it for days in winter: it may
have gone back to coal. A suspicion for someone to look at, and no more.

A day counts by its own date, in whatever order the days arrive. A day without a reading, or with
nobody living there, neither lengthens nor breaks the row. Days of use on end show that it is over.
"""

from datetime import date, datetime, timedelta

from services.coal.signals import HeatingMeter
from shared.declaration.rule import Facts, Outcome, Rule, State
from shared.declaration.signal import Observed
from shared.domain.finding import Finding, FindingKind, Proof
from shared.domain.moments import Moment, shanghai_day
from shared.domain.problem import Severity

CODE = "coal.heating-unused"
DAYS = 30
"""Days of one household kept."""


class Household(State):
    days: tuple[tuple[Moment, bool], ...] = ()
    """(end of the day, whether nothing was used), the oldest first."""
    active: bool = False


def rule() -> Rule[Household]:
    return Rule(
        code=CODE,
        zh="采暖季零用量,疑似散煤复烧",
        en="No heating used: return to coal suspected",
        reads=frozenset({"coal.heating-meter"}),
        state=Household,
        key=lambda seen: getattr(seen.data, "household", None),
        step=_step,
        categories=frozenset({"reburn"}),
        proves=True,
    )


def _step(state: Household, seen: Observed, facts: Facts) -> Outcome[Household]:
    data = seen.data
    assert isinstance(data, HeatingMeter)
    at, use = data.observed_at, None if data.occupied is False else data.use
    day = _day_before(at)
    if (
        use is None
        or not _in_season(day, facts)
        or any(_day_before(t) == day for t, _ in state.days)
    ):
        return Outcome(state)
    if facts.blacked_out(seen.line, seen.signal, data.device_id, at):
        return Outcome(state)
    zero = use <= facts.number(CODE, "zero_up_to")
    gap = timedelta(days=facts.number(CODE, "gap_days"))
    days = tuple(sorted((*state.days, (at, zero))))[-DAYS:]
    if (at, zero) not in days:
        return Outcome(state)
    state = state.model_copy(update={"days": days})
    limit = facts.limit("coal.heating-meter.zero-days", at)
    if limit is None:
        return Outcome(state)
    if zero:
        row = _row(days, at, gap)
        if not limit.meets(len(row), "d"):
            return Outcome(state)
        said = f"户 {data.household} 自 {_day_before(row[0]):%Y-%m-%d} 起已有 {len(row)} 个采暖日零用量"
        found = _finding(data, row[-1], f"{said},疑似散煤复烧,请入户核实(仅为线索)")
        return Outcome(state.model_copy(update={"active": True}), (found,))
    row = _row(days, days[-1][0], gap) if not days[-1][1] else []
    if not state.active or len(row) < facts.number(CODE, "clear_days"):
        return Outcome(state)
    proof = Proof(since=row[0], until=row[-1], readings=len(row))
    found = _finding(data, row[-1], f"户 {data.household} 已连续 {len(row)} 天使用清洁取暖")
    cleared = found.model_copy(update={"kind": FindingKind.CLEAR, "proof": proof})
    return Outcome(state.model_copy(update={"active": False}), (cleared,))


def _row(days: tuple[tuple[datetime, bool], ...], at: datetime, gap: timedelta) -> list[datetime]:
    """The days around `at` that are as its own, without another kind or a long gap between."""
    kind = dict(days)[at]
    row: list[datetime] = []
    for when, other in days:
        broken = other != kind or (row and when - row[-1] > gap)
        if broken and when > at:
            break
        if broken:
            row = []
        if other == kind:
            row.append(when)
    return row


def _day_before(end: datetime) -> date:
    """The day that ends at `end`: a reading of midnight is yesterday's."""
    return shanghai_day(end - timedelta(milliseconds=1))


def _in_season(day: date, facts: Facts) -> bool:
    """The heating season goes over the new year; its first and last days are MMDD."""
    first, last = facts.number(CODE, "season_from"), facts.number(CODE, "season_to")
    today = day.month * 100 + day.day
    return today >= first or today <= last


def _finding(data: HeatingMeter, at: datetime, said: str) -> Finding:
    return Finding(
        rule=CODE,
        subject=data.household,
        category="reburn",
        severity=Severity.GENERAL,
        source="online_monitor",
        title="清洁取暖零用量,疑似散煤复烧",
        description=said,
        seen_at=at,
        town=data.town,
        lon=data.lon,
        lat=data.lat,
        clause="8.1",
    )
