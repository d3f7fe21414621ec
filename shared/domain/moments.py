"""Moments and days: everything is stored in UTC, and a day is a day in Asia/Shanghai."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """The one source of time; tests turn it."""

    def now(self) -> datetime:
        """The present moment in UTC, cut to milliseconds."""
        ...


def to_utc_millis(moment: datetime) -> datetime:
    """`moment` in UTC, cut to milliseconds: what MongoDB can hold, so nothing changes on the way."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


Moment = Annotated[AwareDatetime, AfterValidator(to_utc_millis)]
"""An RFC 3339 time with offset, held in UTC."""


def shanghai_day(moment: datetime) -> date:
    """The day in Asia/Shanghai on which `moment` falls."""
    return moment.astimezone(SHANGHAI).date()


def day_start(day: date) -> datetime:
    """The moment (UTC) at which `day` begins in Asia/Shanghai."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def day_end(day: date) -> datetime:
    """The moment (UTC) at which `day` ends in Asia/Shanghai (exclusive): a deadline is its end."""
    return day_start(day + timedelta(days=1))
