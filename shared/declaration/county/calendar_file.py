"""calendar.yaml: the office's hours, and days on which it differs from the nation's calendar."""

from datetime import date, time

from pydantic import Field, field_validator

from shared.declaration.county.base import PackModel, Text, wrong
from shared.declaration.county.mark import Mark
from shared.domain.working_time import WorkHours


class Hours(PackModel):
    """Clock times of Asia/Shanghai, as "08:30"."""

    begin: time
    end: time


class OwnDay(PackModel):
    """A day that the county works, or not, whatever was published."""

    day: date
    workday: bool
    reason: Text


_USUAL = (
    Hours(begin=time(8, 30), end=time(12, 0)),
    Hours(begin=time(13, 30), end=time(17, 30)),
)


class CalendarFile(PackModel):
    """A county may do without it: then the hours are the product's own guess."""

    hours: tuple[Hours, ...] = Field(default=_USUAL, min_length=1, max_length=4)
    mark: Mark = "D"
    source: Text | None = None
    days: tuple[OwnDay, ...] = Field(default=(), max_length=400)

    @field_validator("hours")
    @classmethod
    def _rise(cls, hours: tuple[Hours, ...]) -> tuple[Hours, ...]:
        try:
            WorkHours(tuple((each.begin, each.end) for each in hours))
        except ValueError:
            raise wrong(
                "工作时段须依次递增、互不相接 / the hours must rise and not touch",
                '如 {begin: "08:30", end: "12:00"}、{begin: "13:30", end: "17:30"}',
            ) from None
        return hours

    @field_validator("days")
    @classmethod
    def _once(cls, days: tuple[OwnDay, ...]) -> tuple[OwnDay, ...]:
        seen = [each.day for each in days]
        if double := sorted({day for day in seen if seen.count(day) > 1}):
            raise wrong(f"{double[0]} 写了两次 / said twice", "每天只写一次")
        return days

    @property
    def work_hours(self) -> WorkHours:
        return WorkHours(tuple((each.begin, each.end) for each in self.hours))

    @property
    def own_days(self) -> dict[date, bool]:
        return {each.day: each.workday for each in self.days}
