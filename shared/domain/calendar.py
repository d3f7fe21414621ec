"""Which days are worked: the nation's days off and make-up days, and the county's own over them."""

from collections.abc import Callable, Mapping
from datetime import date

Published = Callable[[date], bool | None]
"""Whether a day is worked, as the State Council published it; None: that year is not published."""

ALWAYS_OFF = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Month and day of the days off that every year has on the same dates (《全国年节及纪念日放假办法》,
2025). Those of the lunar calendar, and which weekends are made up for, are published each autumn."""
_SATURDAY = 5


def not_published(day: date) -> bool | None:
    """For who has no publication at hand."""
    return None


class Calendar:
    """Never refuses a day: of a year that is not published it answers by the rule, and says so."""

    def __init__(self, published: Published, own: Mapping[date, bool]) -> None:
        """`own`: the county's days, worked or not, whatever was published."""
        self._published = published
        self._own = dict(own)

    def is_workday(self, day: date) -> bool:
        own = self._own.get(day)
        if own is not None:
            return own
        published = self._published(day)
        if published is not None:
            return published
        return day.weekday() < _SATURDAY and (day.month, day.day) not in ALWAYS_OFF

    def is_provisional(self, day: date) -> bool:
        """Whether the answer may change once the year is published."""
        return day not in self._own and self._published(day) is None
