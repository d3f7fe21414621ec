"""Plays days, forecasts and alerts through the episode line's rule."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from services.episode.course import Course
from services.episode.rules import RULES
from services.episode.signals import Alert, Forecast, ForecastDay, MeasureCheck
from shared.declaration.rule import Facts, Order
from shared.declaration.signal import Observed, SignalData
from shared.domain.finding import Finding
from shared.domain.moments import SHANGHAI
from tests.lines.facts import county_facts

(RULE,) = RULES
FIRST = date(2026, 1, 10)
NAMES = {
    "Forecast": "forecast",
    "ObservedDay": "observed-day",
    "Alert": "alert",
    "MeasureCheck": "measure-check",
}


def at(said: str) -> datetime:
    """`01-10 16:00` of 2026 in Shanghai, or with its year."""
    return datetime.fromisoformat(said if said[4:5] == "-" else f"2026-{said}").replace(
        tzinfo=SHANGHAI
    )


def forecast(issued: str, *aqi: int, first: date | None = None, **all_days: Any) -> Forecast:
    """The AQI of the days after the day of issue, or from `first` on."""
    moment = at(issued)
    begin = first or moment.date() + timedelta(days=1)
    days = tuple(
        ForecastDay(date=begin + timedelta(days=n), aqi=value, **all_days)
        for n, value in enumerate(aqi)
    )
    return Forecast(device_id="市监测站", observed_at=moment, days=days)


def alert(
    issued: str, level: Any, starts: str, ends: str | None = None, issuer: str = "济宁市"
) -> Alert:
    return Alert(
        device_id=issuer,
        observed_at=at(issued),
        level=level,
        starts_at=at(starts),
        ends_at=at(ends) if ends else None,
        issuer=issuer,
    )


def check(when: str, taken: bool, measure: Any = "production", place: str = "Q-1") -> MeasureCheck:
    return MeasureCheck(
        device_id="核查组", observed_at=at(when), place=place, measure=measure, taken=taken
    )


@dataclass
class Played:
    course: Course
    findings: list[Finding] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)

    @property
    def turns(self) -> list[tuple[str, str, str]]:
        """(time in Shanghai, what, level) of the changes of level."""
        return [
            (f"{t.at.astimezone(SHANGHAI):%m-%d %H:%M}", t.what, t.level)
            for t in self.course.timeline
            if t.what != "announce"
        ]

    @property
    def announced(self) -> list[tuple[str, str]]:
        return [
            (f"{t.at.astimezone(SHANGHAI):%m-%d %H:%M}", t.level)
            for t in self.course.timeline
            if t.what == "announce"
        ]


def play(
    signals: Iterable[SignalData],
    until: str | None = None,
    facts: Facts | None = None,
    wakes: Sequence[str] = (),
) -> Played:
    """Each signal in turn, with the state written down between; then woken as it asks.

    `wakes`: the clock is looked at also at these moments, before any signal that is later.
    """
    facts = facts or county_facts()
    played = Played(Course())
    wake_at: datetime | None = None

    def took(outcome: Any) -> None:
        nonlocal wake_at
        played.course = Course.model_validate_json(outcome.state.model_dump_json())
        assert played.course == outcome.state
        played.findings.extend(outcome.findings)
        played.orders.extend(outcome.orders)
        wake_at = outcome.wake_at

    assert RULE.wake is not None
    looks = sorted(map(at, wakes))
    for data in signals:
        while looks and looks[0] <= data.observed_at:
            now = looks.pop(0)
            if wake_at is not None and wake_at <= now:
                took(RULE.wake(played.course, now, facts))
        took(RULE.step(played.course, Observed("episode", NAMES[type(data).__name__], data), facts))
    while until is not None and wake_at is not None and wake_at <= at(until):
        took(RULE.wake(played.course, wake_at, facts))
    return played
