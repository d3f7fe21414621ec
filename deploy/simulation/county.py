"""The whole county: its signals in the order of their arrival, and the truth."""

import heapq
from collections.abc import Iterator
from datetime import datetime

from deploy.simulation.air import Air
from deploy.simulation.event import Simulated
from deploy.simulation.family import Family
from deploy.simulation.fires import Fires
from deploy.simulation.kitchens import Kitchens
from deploy.simulation.reports import Reports
from deploy.simulation.roads import Roads
from deploy.simulation.sites import Sites
from deploy.simulation.span import Span
from deploy.simulation.stacks import Stacks
from deploy.simulation.stations import Stations
from deploy.simulation.truth import Incident
from deploy.simulation.weather import Weather
from shared.domain.moments import day_start, shanghai_day


class SimulatedCounty:
    """`start` is cut to the midnight (Asia/Shanghai) on or before it."""

    def __init__(self, seed: int, start: datetime, days: int) -> None:
        self.span = Span(seed, day_start(shanghai_day(start)), days)
        weather = Weather(self.span)
        air = Air(self.span, weather)
        self._families: tuple[Family, ...] = (
            Stations(self.span, weather, air),
            Sites(self.span, air),
            Stacks(self.span),
            Kitchens(self.span),
            Fires(self.span),
            Roads(self.span),
            Reports(self.span, air),
        )

    @property
    def truth(self) -> tuple[Incident, ...]:
        """All that was planted, in the order in which it began."""
        planted = (each for family in self._families for each in family.incidents)
        return tuple(sorted(planted, key=lambda one: (one.begin, one.id)))

    def events(self) -> Iterator[Simulated]:
        """All signals in the order of their arrival."""
        waiting: list[tuple[datetime, str, int, Simulated]] = []
        for n, event in enumerate(each for family in self._families for each in family.events()):
            waiting.append((event.at, event.id, n, event))
        heapq.heapify(waiting)
        while waiting:
            yield heapq.heappop(waiting)[3]
