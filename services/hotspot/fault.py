"""Stations whose data cannot be true: one that repeats itself, one that sends nothing but blanks.

Defined effects, each tested: flagged readings, repeats of a time and late ones change nothing; a
hole of more than `gap_hours` begins the count anew; the fault is over when the station has measured
something new in each reading for `clear_hours`.
"""

from datetime import timedelta
from typing import Any, Literal

from pydantic import Field

from services.hotspot.cell import POLLUTANTS, repeats
from shared.declaration.rule import Facts, Outcome, Rule, State, by_device
from shared.declaration.signal import Observed
from shared.domain.finding import Finding, FindingKind, Proof
from shared.domain.moments import Moment
from shared.domain.reading import Severity

CODE = "hotspot.station-fault"
Fault = Literal["stuck", "blank"]
_NAMES: dict[Fault, str] = {"stuck": "数值长时间不变", "blank": "长时间无有效数值"}


class Course(State):
    """How long a station has repeated itself or said nothing, and since when it is right again."""

    newest: Moment | None = None
    values: dict[str, float] = Field(default_factory=dict)
    """What it last measured."""
    same_since: Moment | None = None
    """Time of the first of the readings that are all alike."""
    blank_since: Moment | None = None
    told: tuple[Fault, ...] = ()
    right_since: Moment | None = None
    right_count: int = 0


def rule() -> Rule[Course]:
    return Rule(
        code=CODE,
        zh="站点数据异常",
        en="Station data fault",
        reads=frozenset({"hotspot.station-hourly", "hotspot.grid-monitor"}),
        state=Course,
        key=by_device,
        step=_step,
        categories=frozenset({"data_fault"}),
        proves=True,
    )


def _step(state: Course, seen: Observed, facts: Facts) -> Outcome[Course]:
    data: Any = seen.data
    at = data.observed_at
    if not data.good or (state.newest is not None and at <= state.newest):
        return Outcome(state)
    if facts.blacked_out(seen.line, seen.signal, data.device_id, at):
        return Outcome(state)
    values = {name: v for name in POLLUTANTS if (v := data.value(name)) is not None}
    same = repeats(values, state.values, round(facts.number(CODE, "repeat_fields")))
    gap = timedelta(hours=facts.number(CODE, "gap_hours"))
    # Equal readings on both sides of a long silence say little: they are counted anew.
    held = state.newest is not None and at - state.newest <= gap
    since: dict[Fault, Any] = {
        # A blank between two equal readings does not make the station alive.
        "stuck": state.same_since if held and (same or not values) else at,
        "blank": None if values else (state.blank_since if held else None) or at,
    }
    state = state.model_copy(
        update={
            "newest": at,
            "values": values or state.values,
            "same_since": since["stuck"],
            "blank_since": since["blank"],
        }
    )
    wrong: list[Fault] = []
    for fault in ("stuck", "blank"):
        begun = since[fault]
        hours = facts.number(CODE, f"{fault}_hours")
        alike = same if fault == "stuck" else not values
        if alike and begun is not None and at - begun >= timedelta(hours=hours):
            wrong.append(fault)
    if wrong:
        told = tuple(sorted({*state.told, *wrong}))
        state = state.model_copy(update={"told": told, "right_since": None, "right_count": 0})
        return Outcome(state, tuple(_finding(data, fault, since[fault]) for fault in wrong))
    if not state.told:
        return Outcome(state)
    if same or not values:
        return Outcome(state.model_copy(update={"right_since": None, "right_count": 0}))
    return _right(state, data, facts)


def _right(state: Course, data: Any, facts: Facts) -> Outcome[Course]:
    at = data.observed_at
    since, count = state.right_since or at, state.right_count + 1
    if at - since < timedelta(hours=facts.number(CODE, "clear_hours")):
        return Outcome(state.model_copy(update={"right_since": since, "right_count": count}))
    proof = Proof(since=since, until=at, readings=count)
    over = tuple(
        _finding(data, fault, since).model_copy(
            update={
                "kind": FindingKind.CLEAR,
                "proof": proof,
                "description": f"已恢复正常测量,共 {count} 个新数值",
            }
        )
        for fault in state.told
    )
    fresh = {"told": (), "right_since": None, "right_count": 0}
    return Outcome(state.model_copy(update=fresh), over)


def _finding(data: Any, fault: Fault, since: Any) -> Finding:
    hours = (data.observed_at - since).total_seconds() / 3600
    return Finding(
        rule=CODE,
        # A fault of its own: what shows that the station speaks again does not show that it is right.
        subject=f"{data.device_id}:{fault}",
        category="data_fault",
        severity=Severity.SERIOUS,
        source="online_monitor",
        title=f"{data.device_id} {_NAMES[fault]}",
        description=f"{_NAMES[fault]},已 {hours:.0f} 小时;期间不参与全县中位数和排名",
        seen_at=data.observed_at,
        town=data.town,
        lon=data.lon,
        lat=data.lat,
        clause="23.1",
        facts={"fault": fault, "since": since.isoformat()},
    )
