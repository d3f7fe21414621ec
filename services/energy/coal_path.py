"""An enterprise's coal of the year so far against its path to the year's cap.

The path is the pack's: which share of the cap may be burnt by the end of each month. Months count
by their own date, in whatever order they are reported; while one before is missing, nothing is
judged. A month's first report counts. What the plan leaves out of the total is left out here.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from services.energy.signals import CoalUse
from shared.declaration.rule import Facts, Limit, Outcome, Rule, State
from shared.declaration.signal import Observed
from shared.domain.finding import Finding, FindingKind, Proof
from shared.domain.moments import Moment, shanghai_day
from shared.domain.problem import Reading, Severity

CODE = "energy.coal-over-path"
MONTHS = 24
"""Months of one enterprise kept."""
COUNTED = {"power": "电力", "non_power": "非电力"}


class Month(NamedTuple):
    ends_at: Moment
    coal: float
    year_cap: float | None


class Burnt(State):
    months: tuple[Month, ...] = ()
    active: bool = False


def rule() -> Rule[Burnt]:
    return Rule(
        code=CODE,
        zh="用煤超过进度",
        en="Coal use above its path",
        reads=frozenset({"energy.coal-use"}),
        state=Burnt,
        key=_key,
        step=_step,
        categories=frozenset({"coal_over_cap"}),
        proves=True,
    )


def _key(seen: Observed) -> str | None:
    data = seen.data
    assert isinstance(data, CoalUse)
    return f"{data.enterprise}:{data.purpose}" if data.purpose in COUNTED else None


def _step(state: Burnt, seen: Observed, facts: Facts) -> Outcome[Burnt]:
    data = seen.data
    assert isinstance(data, CoalUse)
    coal, at = data.value("coal"), data.observed_at
    known = any(_month(one.ends_at) == _month(at) for one in state.months)
    if coal is None or known:
        return Outcome(state)
    if facts.blacked_out(seen.line, seen.signal, data.device_id, at):
        return Outcome(state)
    months = tuple(sorted((*state.months, Month(at, coal, data.year_cap))))[-MONTHS:]
    state = state.model_copy(update={"months": months})
    findings: list[Finding] = []
    for whole in _whole_so_far(months, at):
        state, found = _judged(state, whole, data, facts)
        findings.extend(found)
    return Outcome(state, tuple(findings))


def _month(end: datetime) -> date:
    """The first day of the month that ends at `end`; midnight is the old month's."""
    return shanghai_day(end - timedelta(milliseconds=1)).replace(day=1)


def _whole_so_far(months: tuple[Month, ...], at: datetime) -> list[tuple[Month, ...]]:
    """The stretches from January on, with nothing missing, that the month ending at `at` makes
    known: its own and those that waited for it."""
    year = [one for one in months if _month(one.ends_at).year == _month(at).year]
    stretches = []
    for count, one in enumerate(year, start=1):
        if _month(one.ends_at).month != count:
            break
        if one.ends_at >= at:
            stretches.append(tuple(year[:count]))
    return stretches


def _judged(
    state: Burnt, months: tuple[Month, ...], data: CoalUse, facts: Facts
) -> tuple[Burnt, tuple[Finding, ...]]:
    last = months[-1]
    path = facts.limit("energy.coal-use.path", last.ends_at)
    cap = facts.limit("energy.coal-use.cap", last.ends_at)
    if not last.year_cap or path is None or cap is None:
        return state, ()
    burnt = sum(one.coal for one in months)
    share = facts.number(CODE, f"path_{len(months)}")
    of_path, of_cap = 100 * burnt / (last.year_cap * share), 100 * burnt / last.year_cap
    if cap.meets(of_cap, "%"):
        found = _finding(data, months, burnt, Severity.SERIOUS, cap, last.year_cap, "全年上限")
    elif path.meets(of_path, "%"):
        planned = last.year_cap * share
        found = _finding(data, months, burnt, Severity.GENERAL, path, planned, "进度值")
    elif state.active and last == state.months[-1]:
        planned = last.year_cap * share
        found = _finding(data, months, burnt, Severity.GENERAL, path, planned, "进度值")
        proof = Proof(since=last.ends_at, until=last.ends_at, readings=1, highest=found.reading)
        cleared = found.model_copy(update={"kind": FindingKind.CLEAR, "proof": proof})
        return state.model_copy(update={"active": False}), (cleared,)
    else:
        return state, ()
    return state.model_copy(update={"active": True}), (found,)


def _finding(
    data: CoalUse,
    months: tuple[Month, ...],
    burnt: float,
    severity: Severity,
    limit: Limit,
    planned: float,
    planned_zh: str,
) -> Finding:
    return Finding(
        rule=CODE,
        subject=data.enterprise,
        category="coal_over_cap",
        severity=severity,
        source="online_monitor",
        title=f"{data.enterprise} 用煤超过{planned_zh}",
        description=f"{COUNTED[data.purpose]}用煤 1 至 {len(months)} 月累计 {burnt:g} t,"
        f"{planned_zh} {planned:g} t,为其 {100 * burnt / planned:.1f} %"
        f"(超过 {limit.value:g} % 即提示;本县配置)",
        seen_at=months[-1].ends_at,
        reading=Reading(
            quantity="coal_use", value=burnt, unit="t", limit=planned * limit.value / 100
        ),
        town=data.town,
        lon=data.lon,
        lat=data.lat,
        site=data.enterprise,
        clause="6.1",
        department="development-reform",
    )
