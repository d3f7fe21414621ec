"""Wind and mixing, hour by hour: what makes the whole county's air good or bad at once."""

import math
from dataclasses import dataclass
from datetime import datetime

from deploy.simulation.chance import chance
from deploy.simulation.span import Span

_KEEPS = 0.93
"""How much of an hour's weather the next hour keeps: it changes over a day or so."""


@dataclass(frozen=True)
class Hour:
    wind_speed: float
    """m/s"""
    wind_direction: float
    """degrees, where it comes from"""
    stagnation: float
    """1 on an ordinary hour, above where the air stands still"""


class Weather:
    def __init__(self, span: Span) -> None:
        luck = chance(span.seed, "weather")
        self._start = span.start
        self._hours: list[Hour] = []
        slow, turn = luck.gauss(0, 1), luck.uniform(0, 360)
        for hour in range(24 * span.days + 2):
            slow = _KEEPS * slow + math.sqrt(1 - _KEEPS**2) * luck.gauss(0, 1)
            turn += luck.gauss(0, 12)
            # Nights are calm and shallow, afternoons windy and deep.
            day = math.cos(2 * math.pi * ((hour % 24) - 4) / 24)
            speed = max(0.3, 2.2 - 0.7 * day - 0.6 * slow + luck.gauss(0, 0.2))
            self._hours.append(Hour(speed, turn % 360, math.exp(0.35 * slow + 0.15 * day)))

    def at(self, moment: datetime) -> Hour:
        passed = int((moment - self._start).total_seconds() // 3600)
        return self._hours[min(max(passed, 0), len(self._hours) - 1)]
