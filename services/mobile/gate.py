"""Old heavy trucks through a gate while an orange or red response holds: a breach of it.

One state for the county: the alerts as they were given, and the passes of old heavy trucks that
an alert could still concern. An alert and a pass may arrive in either order; a pass is told once.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from shared.declaration.rule import Facts, Outcome, Rule, State, by_county
from shared.declaration.signal import Observed
from shared.domain.finding import Finding
from shared.domain.moments import Moment
from shared.domain.problem import Severity

CODE = "mobile.gate-episode"
GATE, ALERT = "mobile.gate-log", "episode.alert"
LEVELS = {"orange": "橙色", "red": "红色"}
ALERTS, PASSES = 30, 500
"""Kept at most."""


class Alert(NamedTuple):
    said_at: Moment
    level: str
    starts_at: Moment
    ends_at: Moment | None


class Pass(NamedTuple):
    at: Moment
    gate: str
    plate: str
    stage: int
    enterprise: str
    direction: str
    town: str | None
    lon: float | None
    lat: float | None


class Gates(State):
    alerts: tuple[Alert, ...] = ()
    waiting: tuple[Pass, ...] = ()
    """Passes that no alert covers as yet."""
    told: tuple[tuple[Moment, str, str], ...] = ()
    """(time, gate, plate) of those found."""


def rule() -> Rule[Gates]:
    return Rule(
        code=CODE,
        zh="应急响应期间门禁管控不到位",
        en="Old heavy trucks at a gate during an episode",
        reads=frozenset({GATE, ALERT}),
        state=Gates,
        key=_key,
        step=_step,
        categories=frozenset({"gate_control"}),
    )


def _key(seen: Observed) -> str | None:
    """Passes of other vehicles never matter, and there are many."""
    data: Any = seen.data
    if seen.name == GATE and not (data.heavy and data.stage is not None):
        return None
    return by_county(seen)


def _step(state: Gates, seen: Observed, facts: Facts) -> Outcome[Gates]:
    data: Any = seen.data
    if not data.good:
        return Outcome(state)
    if seen.name == ALERT:
        return _judged(_with_alert(state, data), facts)
    at: datetime = data.observed_at
    limit = facts.limit("mobile.gate-log.stage", at)
    if limit is None or not limit.meets(data.stage, "{stage}"):
        return Outcome(state)
    if facts.blacked_out(seen.line, seen.signal, data.device_id, at):
        return Outcome(state)
    passed = Pass(
        at,
        data.device_id,
        data.plate,
        data.stage,
        data.enterprise,
        data.direction,
        data.town,
        data.lon,
        data.lat,
    )
    if _name(passed) in state.told or _name(passed) in map(_name, state.waiting):
        return Outcome(state)
    return _judged(state.model_copy(update={"waiting": (*state.waiting, passed)}), facts)


def _with_alert(state: Gates, data: Any) -> Gates:
    starts = _moment(getattr(data, "starts_at", None)) or data.observed_at
    ends = _moment(getattr(data, "ends_at", None))
    alert = Alert(data.observed_at, str(getattr(data, "level", "none")), starts, ends)
    if alert in state.alerts:
        return state
    alerts = tuple(sorted((*state.alerts, alert), key=lambda one: (one.said_at, one.level)))
    return state.model_copy(update={"alerts": alerts[-ALERTS:]})


def _moment(given: object) -> datetime | None:
    """Another line's signal is read as it came: its times may still be text."""
    if isinstance(given, str):
        return datetime.fromisoformat(given)
    return given if isinstance(given, datetime) else None


def _judged(state: Gates, facts: Facts) -> Outcome[Gates]:
    """Tells the passes that an alert covers; keeps the others for `wait_hours`."""
    newest = max((one.at for one in state.waiting), default=None)
    if newest is None:
        return Outcome(state)
    oldest = newest - timedelta(hours=facts.number(CODE, "wait_hours"))
    findings, waiting, told = [], [], list(state.told)
    for passed in sorted(state.waiting, key=lambda one: one.at):
        level = level_at(state.alerts, passed.at)
        if level in LEVELS:
            findings.append(_finding(passed, level))
            told.append(_name(passed))
        elif passed.at >= oldest:
            waiting.append(passed)
    kept = {"waiting": tuple(waiting[-PASSES:]), "told": tuple(told[-PASSES:])}
    return Outcome(state.model_copy(update=kept), tuple(findings))


def level_at(alerts: tuple[Alert, ...], at: datetime) -> str:
    """The level in force then: the last word among the alerts that had begun."""
    begun = [one for one in alerts if one.starts_at <= at]
    if not begun:
        return "none"
    last = begun[-1]
    return last.level if last.ends_at is None or at < last.ends_at else "none"


def _name(passed: Pass) -> tuple[datetime, str, str]:
    return passed.at, passed.gate, passed.plate


def _finding(passed: Pass, level: str) -> Finding:
    way = "驶入" if passed.direction == "in" else "驶出"
    return Finding(
        rule=CODE,
        subject=passed.gate,
        category="gate_control",
        severity=Severity.CRITICAL,
        source="online_monitor",
        title=f"{passed.enterprise} {LEVELS[level]}响应期间老旧重型货车进出",
        description=f"{LEVELS[level]}预警响应期间,国 {passed.stage} 重型货车 {passed.plate} {way}"
        f" {passed.enterprise}",
        seen_at=passed.at,
        town=passed.town,
        lon=passed.lon,
        lat=passed.lat,
        site=passed.enterprise,
        clause="24.3",
        facts={"level": level, "stage": passed.stage},
    )
