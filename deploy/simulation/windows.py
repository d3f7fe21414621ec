"""When incidents happen: windows drawn apart from each other, so that each is one of its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from deploy.simulation.chance import chance
from deploy.simulation.span import Span

REST = timedelta(hours=60)
"""Between two incidents of one device: the county takes up a problem again that returns soon."""


@dataclass(frozen=True)
class Window:
    begin: datetime
    end: datetime

    def covers(self, at: datetime) -> bool:
        """Whether a period that ends at `at` and lasts up to an hour lies within."""
        return self.begin < at <= self.end


def windows(
    span: Span, name: str, *, a_day: float, hours: tuple[float, float], between: tuple[int, int]
) -> tuple[Window, ...]:
    """Windows of `hours` that begin on the hour, `between` these hours of the day, with so many
    expected `a_day`, each ended before the span is."""
    luck = chance(span.seed, "window", name)
    found: list[Window] = []
    for day in range(span.days):
        if luck.random() >= a_day:
            continue
        hour = luck.randint(*between)
        begin = span.start + timedelta(days=day, hours=hour)
        end = begin + timedelta(hours=round(luck.uniform(*hours)))
        if end + timedelta(hours=3) > span.end or begin < span.start + timedelta(hours=3):
            continue
        if not found or begin - found[-1].end >= REST:
            found.append(Window(begin, end))
    return tuple(found)
