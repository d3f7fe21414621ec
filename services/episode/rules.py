"""The episode line's rule: forecasts, days and alerts move the course; the course gives orders.

Defined effects, each tested:
- an older forecast than the one that counts changes nothing; an observed day replaces a forecast one;
- a change of level happens at the moment that orders and days name, when it is known by then;
- ozone and sand call for no level; flagged signals change nothing;
- each change gives its orders once.
"""

from datetime import datetime, timedelta
from typing import Any

from services.episode import breach
from services.episode.course import (
    Course,
    Ordered,
    Terms,
    advance,
    next_moment,
    with_day,
    with_forecast,
    with_order,
)
from services.episode.ordering import orders
from services.episode.signals import Alert, Forecast, ForecastDay, MeasureCheck, ObservedDay
from services.episode.spells import Warnings
from shared.declaration.rule import Facts, Outcome, Rule, by_county
from shared.declaration.signal import Observed
from shared.domain.finding import Finding

CODE = breach.CODE


def terms_at(moment: datetime, facts: Facts) -> Terms | None:
    warnings = Warnings.at(moment, facts)
    notice = facts.limit("episode.forecast.notice", moment)
    lift = facts.limit("episode.alert.lift", moment)
    if warnings is None or notice is None or lift is None:
        return None
    return Terms(warnings, timedelta(hours=notice.value), timedelta(hours=lift.value))


def _step(state: Course, seen: Observed, facts: Facts) -> Outcome[Course]:
    data: Any = seen.data
    at = data.observed_at
    terms = terms_at(at, facts)
    if terms is None:
        return Outcome(state)
    if not data.good or facts.blacked_out(seen.line, seen.signal, data.device_id, at):
        return Outcome(state, wake_at=next_moment(state, terms))
    # First what fell due by what was known before, then what is new.
    after = advance(state, at, terms)
    found: list[Finding] = []
    match data:
        case Forecast():
            after = with_forecast(after, at, [(day.date, _counted(day)) for day in data.days])
        case ObservedDay():
            after = with_day(after, data.date, _counted(data))
        case Alert():
            said = {
                name: getattr(data, name) for name in Ordered.model_fields if name != "issued_at"
            }
            after = with_order(after, Ordered(issued_at=at, **said))
        case MeasureCheck():
            after, found = breach.checked(after, data, facts)
    after = advance(after, at, terms)
    return Outcome(after, tuple(found), next_moment(after, terms), orders(state, after, facts))


def _wake(state: Course, now: datetime, facts: Facts) -> Outcome[Course]:
    terms = terms_at(now, facts)
    due = next_moment(state, terms) if terms else None
    if terms is None or due is None:
        return Outcome(state)
    if now - due > timedelta(hours=facts.number(CODE, "wake_hours")):
        # Old signals are being read again: what comes next among them decides, not today's clock.
        return Outcome(state)
    after = advance(state, now, terms)
    return Outcome(after, (), next_moment(after, terms), orders(state, after, facts))


def _counted(day: ForecastDay | ObservedDay) -> int | None:
    return None if day.sand or day.primary == "o3" else day.aqi


RULES: tuple[Rule[Any], ...] = (
    Rule(
        code=CODE,
        zh="重污染天气过程",
        en="Course of episodes",
        reads=frozenset(
            {"episode.forecast", "episode.observed-day", "episode.alert", "episode.measure-check"}
        ),
        state=Course,
        key=by_county,
        step=_step,
        wake=_wake,
        categories=frozenset(
            {category for category, _ in breach.CATEGORIES.values()} | {"list_gap"}
        ),
    ),
)
