"""Days off and make-up workdays as the State Council publishes them, by `chinesecalendar`."""

from datetime import date
from functools import lru_cache

import chinese_calendar


@lru_cache(maxsize=4096)
def published_workday(day: date) -> bool | None:
    """Whether `day` is worked; None for a year that the installed library does not know."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None
