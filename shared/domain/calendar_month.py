"""A month of the calendar, cut in Asia/Shanghai: the period of rankings."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from shared.domain.moments import SHANGHAI, day_start

_KEY = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, order=True)
class CalendarMonth:
    year: int
    number: int

    @classmethod
    def parse(cls, key: str) -> "CalendarMonth":
        """From `2026-10`; raises ValueError."""
        found = _KEY.fullmatch(key)
        if found is None or not (2000 <= int(found[1]) <= 2999 and 1 <= int(found[2]) <= 12):
            raise ValueError("应为月份,如 2026-10 / a month such as 2026-10")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, moment: datetime) -> "CalendarMonth":
        """The month in which `moment` falls in Asia/Shanghai."""
        local = moment.astimezone(SHANGHAI)
        return cls(local.year, local.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def zh(self) -> str:
        return f"{self.year}年{self.number}月"

    def shifted(self, months: int) -> "CalendarMonth":
        """So many months later; earlier where negative."""
        year, index = divmod(self.year * 12 + self.number - 1 + months, 12)
        return CalendarMonth(year, index + 1)

    @property
    def begin(self) -> datetime:
        """UTC."""
        return day_start(date(self.year, self.number, 1))

    @property
    def end(self) -> datetime:
        """UTC, exclusive."""
        return self.shifted(1).begin
