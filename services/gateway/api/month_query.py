"""The month in an address or a query."""

from typing import Annotated

from pydantic import AfterValidator

from shared.domain.calendar_month import CalendarMonth
from shared.domain.refusal import invalid


def _month(said: str) -> str:
    CalendarMonth.parse(said)
    return said


MonthKey = Annotated[str, AfterValidator(_month)]


def month_in_path(said: str) -> CalendarMonth:
    try:
        return CalendarMonth.parse(said)
    except ValueError as error:
        raise invalid("/month", str(error)) from None
