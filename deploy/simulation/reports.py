"""What offices hand in: a forecast every day, and the month's energy."""

from collections.abc import Iterator
from datetime import timedelta

from deploy.simulation.air import Air
from deploy.simulation.chance import chance
from deploy.simulation.event import Simulated
from deploy.simulation.family import said
from deploy.simulation.span import Span
from deploy.simulation.truth import Incident
from shared.domain.moments import shanghai_day

_MOST = 140
"""No episode is planted: forecasts stay below the levels that would call one."""


class Reports:
    incidents: tuple[Incident, ...] = ()

    def __init__(self, span: Span, air: Air) -> None:
        self._span, self._air = span, air

    def events(self) -> Iterator[Simulated]:
        luck = chance(self._span.seed, "forecast")
        for day in range(self._span.days):
            at = self._span.start + timedelta(days=day, hours=9)
            days = []
            for ahead in range(3):
                then = at + timedelta(days=ahead)
                pm25 = self._air.at(min(then, self._span.end))["pm25"] * luck.uniform(0.85, 1.15)
                aqi = min(_MOST, round(30 + 1.3 * pm25))
                days.append({"date": shanghai_day(then), "aqi": aqi, "primary": "pm25"})
            yield said("episode", "forecast", "SIM-CITY", at, {"days": days}, after=60)
        at = self._span.start + timedelta(hours=10)
        mix = {"non_fossil": 15.2, "electricity": 31.0, "renewable": 480.0}
        yield said("energy", "power-mix", "SIM-STATISTICS", at, mix, after=60)
