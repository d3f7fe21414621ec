"""Arithmetic of working time: only the office's hours of worked days count (工作时、工作日).

All moments are UTC; days and hours are those of Asia/Shanghai.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from shared.domain.moments import SHANGHAI, shanghai_day

MOST_DAYS = 3_660
"""Days that a duration may reach over: ten years. What reaches farther is a mistake."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkHours:
    """The hours of a worked day, as (begin, end) of the clock in Asia/Shanghai."""

    spans: tuple[tuple[time, time], ...]

    def __post_init__(self) -> None:
        edges = [edge for span in self.spans for edge in span]
        if not edges or any(first >= then for first, then in pairwise(edges)):
            raise ValueError("working hours must be there, rise, and not touch each other")

    def on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The hours of `day` in UTC."""
        for begin, end in self.spans:
            yield _at(day, begin), _at(day, end)

    @property
    def a_day(self) -> timedelta:
        """How long a worked day is."""
        day = date(2026, 1, 1)
        return sum((end - begin for begin, end in self.on(day)), timedelta())


class WorkingTime:
    def __init__(self, is_workday: Callable[[date], bool], hours: WorkHours) -> None:
        self._is_workday = is_workday
        self.hours = hours

    def add(self, moment: datetime, amount: timedelta) -> datetime:
        """When `amount` of working time has passed since `moment`; the end of a span where it ends
        just there, not the beginning of the next. Raises ValueError for a negative amount, and for
        one that reaches over MOST_DAYS."""
        if amount < timedelta():
            raise ValueError(f"working time is added, not taken away: {amount}")
        if not amount:
            return moment
        left = amount
        for begin, end in self._from(moment):
            begin = max(begin, moment)
            if end - begin >= left:
                return begin + left
            left -= end - begin
        raise ValueError(f"{amount} of working time reaches over {MOST_DAYS} days")

    def between(self, begin: datetime, end: datetime) -> timedelta:
        """How much working time lies between; nothing where `end` is not after `begin`. Raises
        ValueError for more than MOST_DAYS."""
        if end - begin > _DAY * (MOST_DAYS - 1):
            raise ValueError(f"{begin} to {end} is more than {MOST_DAYS} days")
        found = timedelta()
        for opens, closes in self._from(begin):
            if opens >= end:
                break
            found += max(timedelta(), min(closes, end) - max(opens, begin))
        return found

    def add_days(self, moment: datetime, days: int) -> datetime:
        """The close of the `days`-th worked day after the day of `moment`, which does not count, as
        administrative terms do (《民法典》第二百零一条: 开始的当日不计入). Raises ValueError."""
        if days < 1:
            raise ValueError(f"at least one working day, not {days}")
        left, day = days, shanghai_day(moment)
        for _ in range(MOST_DAYS):
            day += _DAY
            left -= self._is_workday(day)
            if not left:
                return _at(day, self.hours.spans[-1][1])
        raise ValueError(f"{days} working days reach over {MOST_DAYS} days")

    def _from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working hours that end after `moment`, in their order, as far as MOST_DAYS."""
        first = shanghai_day(moment)
        for number in range(MOST_DAYS):
            day = first + _DAY * number
            if self._is_workday(day):
                yield from (span for span in self.hours.on(day) if span[1] > moment)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, SHANGHAI).astimezone(UTC)
