"""The county's air: six pollutants of every hour, higher in winter, at rush hours, in still air."""

import math
from datetime import datetime

from deploy.simulation.span import Span
from deploy.simulation.weather import Weather
from shared.domain.moments import SHANGHAI

USUAL = {"pm25": 38.0, "pm10": 78.0, "so2": 9.0, "no2": 28.0, "co": 0.7, "o3": 80.0}
"""µg/m³, CO in mg/m³: of the order of Jining's yearly means."""
_WEEKEND = 0.93
"""Traffic of a Saturday or Sunday, against that of a workday."""


class Air:
    def __init__(self, span: Span, weather: Weather) -> None:
        self._span = span
        self._weather = weather

    def at(self, moment: datetime) -> dict[str, float]:
        """The county's mean of the hour that ends at `moment`."""
        hour = self._span.local_hour(moment)
        local = moment.astimezone(SHANGHAI)
        winter = 1 + 0.35 * math.cos(2 * math.pi * (local.timetuple().tm_yday - 15) / 365)
        traffic = 1 + 0.2 * (_bump(hour, 8) + _bump(hour, 18))
        if local.weekday() >= 5:
            traffic *= _WEEKEND
        still = self._weather.at(moment).stagnation
        sun = max(0.0, math.sin(math.pi * (hour - 7) / 12)) if 7 <= hour <= 19 else 0.0
        return {
            "pm25": USUAL["pm25"] * winter * still,
            "pm10": USUAL["pm10"] * winter * still * (0.9 + 0.1 * traffic),
            "so2": USUAL["so2"] * winter * still,
            "no2": USUAL["no2"] * winter * traffic * math.sqrt(still),
            "co": USUAL["co"] * winter * still,
            "o3": 25 + USUAL["o3"] * sun / winter,
        }


def _bump(hour: float, around: float) -> float:
    return math.exp(-(((hour - around) / 1.5) ** 2))
