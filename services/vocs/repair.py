"""A leak's clocks: the first repair within days, the leak gone within more days.

They run from the detection that found it until a retest within the limit. An agreed deferral moves
both. Steps count by their own time; what is older than the retest that ended a leak belongs to
that leak and changes nothing.
"""

from datetime import datetime, timedelta
from typing import Literal

from services.vocs.signals import Ldar
from shared.declaration.rule import Facts, Outcome, Rule, State
from shared.declaration.signal import Observed
from shared.declaration.spans import after
from shared.domain.finding import Finding, FindingKind, Proof
from shared.domain.moments import SHANGHAI, Moment
from shared.domain.problem import Reading, Severity

CODE = "vocs.ldar-repair-late"
FIRST, DONE = "vocs.ldar.first-repair", "vocs.ldar.repaired"
JUST_AFTER = timedelta(seconds=1)
"""The days are whole until their very end: late is what comes after."""


class Leak(State):
    enterprise: str = ""
    component: str = ""
    found_at: Moment | None = None
    leak: float = 0.0
    repaired_at: Moment | None = None
    """The first repair that was tried."""
    clean_at: Moment | None = None
    """The latest reading within the limit."""
    deferred_until: Moment | None = None
    told: Literal["", "first", "done"] = ""
    town: str | None = None
    lon: float | None = None
    lat: float | None = None


def leak_limit(data: Ldar) -> str:
    kind = "heavy" if data.medium == "heavy_liquid" else "gas-light"
    return f"vocs.ldar.{kind}{'-special' if data.special else ''}"


def component_of(data: Ldar) -> str:
    return f"{data.enterprise}:{data.component}"[:120]


def rule() -> Rule[Leak]:
    return Rule(
        code=CODE,
        zh="泄漏修复超期",
        en="Leak repair late",
        reads=frozenset({"vocs.ldar"}),
        state=Leak,
        key=lambda seen: component_of(seen.data) if isinstance(seen.data, Ldar) else None,
        step=_step,
        wake=_wake,
        categories=frozenset({"repair_late"}),
        proves=True,
    )


def _step(state: Leak, seen: Observed, facts: Facts) -> Outcome[Leak]:
    data = seen.data
    assert isinstance(data, Ldar)
    at, value = data.observed_at, data.value("leak")
    ended = state.clean_at is not None and at <= state.clean_at
    dark = facts.blacked_out(seen.line, seen.signal, data.device_id, at)
    limit = facts.limit(leak_limit(data), at)
    if not data.good or dark or ended or limit is None:
        return Outcome(state, wake_at=_next(state, facts))
    state = state.model_copy(
        update={
            "enterprise": data.enterprise,
            "component": data.component,
            "town": data.town or state.town,
            "lon": data.lon if data.lon is not None else state.lon,
            "lat": data.lat if data.lat is not None else state.lat,
            "deferred_until": max(
                filter(None, (data.deferred_until, state.deferred_until)), default=None
            ),
        }
    )
    if data.step == "repair":
        first = min(state.repaired_at or at, at)
        state = state.model_copy(update={"repaired_at": first})
    elif value is not None and not limit.meets(value, "umol/mol"):
        if state.found_at is not None and at < state.found_at:
            # It was tight before it leaked.
            return Outcome(state, wake_at=_next(state, facts))
        return _over(state, at, value, limit.value, limit.standard)
    elif value is not None:
        sooner = state.found_at is None or at < state.found_at
        found_at = at if sooner else state.found_at
        state = state.model_copy(update={"found_at": found_at, "leak": max(value, state.leak)})
    return Outcome(state, wake_at=_next(state, facts))


def _over(
    state: Leak, at: datetime, value: float, limit: float, standard: str | None
) -> Outcome[Leak]:
    """A reading within the limit ends the leak; what was told of it is over."""
    fresh = Leak(enterprise=state.enterprise, component=state.component, clean_at=at)
    if not state.told:
        return Outcome(fresh)
    reading = Reading(quantity="leak", value=value, unit="umol/mol", limit=limit, standard=standard)
    proof = Proof(since=at, until=at, readings=1, highest=reading)
    said = f"复测 {value:g} umol/mol,限值 {limit:g} umol/mol"
    found = _finding(state, at, "泄漏已修复", said)
    return Outcome(
        fresh,
        (found.model_copy(update={"kind": FindingKind.CLEAR, "proof": proof, "reading": reading}),),
    )


def _wake(state: Leak, now: datetime, facts: Facts) -> Outcome[Leak]:
    if state.found_at is None:
        return Outcome(state)
    since = state.found_at.astimezone(SHANGHAI)
    found: tuple[Finding, ...] = ()
    done, first = _due(state, DONE, facts), _due(state, FIRST, facts)
    if done is not None and now >= done and state.told != "done":
        state = state.model_copy(update={"told": "done"})
        said = f"{since:%Y-%m-%d} 检出泄漏,至今没有复测合格"
        found = (_finding(state, now, "泄漏未按期完成修复", said),)
    elif first is not None and now >= first and not state.told and state.repaired_at is None:
        state = state.model_copy(update={"told": "first"})
        said = f"{since:%Y-%m-%d} 检出泄漏,至今没有首次维修"
        found = (_finding(state, now, "泄漏未按期首次维修", said),)
    return Outcome(state, found, wake_at=_next(state, facts, now))


def _due(state: Leak, limit_id: str, facts: Facts) -> datetime | None:
    """The first moment at which it is late."""
    if state.found_at is None:
        return None
    limit = facts.limit(limit_id, state.found_at)
    if limit is None:
        return None
    due = after(state.found_at, limit)
    return max(due, state.deferred_until or due) + JUST_AFTER


def _next(state: Leak, facts: Facts, now: datetime | None = None) -> datetime | None:
    first = None if state.told or state.repaired_at else _due(state, FIRST, facts)
    done = None if state.told == "done" else _due(state, DONE, facts)
    coming = [due for due in (first, done) if due is not None and (now is None or due > now)]
    return min(coming, default=None)


def _finding(state: Leak, at: datetime, title: str, said: str) -> Finding:
    return Finding(
        rule=CODE,
        subject=f"{state.enterprise}:{state.component}"[:120],
        category="repair_late",
        severity=Severity.SERIOUS,
        source="online_monitor",
        title=f"{state.enterprise} 密封点 {state.component} {title}",
        description=f"{said};GB 37822-2019 要求检出泄漏后限期首次维修、限期完成修复",
        seen_at=at,
        town=state.town,
        lon=state.lon,
        lat=state.lat,
        site=state.enterprise,
        clause="17.1",
        department="ecology",
    )
