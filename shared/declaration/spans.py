"""Durations as the county's standards state them: 2 h, 3 d, 6 mo."""

import calendar
from datetime import UTC, datetime, timedelta

from shared.declaration.rule import Limit
from shared.domain.moments import SHANGHAI

_SPANS = {
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


def after(moment: datetime, limit: Limit) -> datetime:
    """The moment (UTC) that lies the limit's duration after `moment`.

    Months are Asia/Shanghai's calendar months: six after 31 August is the last day of February.
    Raises ValueError for a limit that is no duration.
    """
    if limit.unit in _SPANS:
        return moment + limit.value * _SPANS[limit.unit]
    if limit.unit == "mo" and limit.value == int(limit.value):
        return _months_after(moment, int(limit.value))
    raise ValueError(f"{limit.value:g} {limit.unit} 不是时长 / not a duration")


def _months_after(moment: datetime, months: int) -> datetime:
    local = moment.astimezone(SHANGHAI)
    years, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    last = calendar.monthrange(years, month + 1)[1]
    moved = local.replace(year=years, month=month + 1, day=min(local.day, last))
    return moved.astimezone(UTC)
