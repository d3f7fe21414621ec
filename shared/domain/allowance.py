"""How long something may take: `30min`, `24h`, `7d` of natural time, `4wh`, `2wd` of working time."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from shared.domain.working_time import WorkingTime

_WRITTEN = re.compile(r"([1-9]\d{0,4})(min|h|d|wh|wd)")
_NATURAL = {
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_NAMES = {"min": "分钟", "h": "小时", "d": "天", "wh": "个工作小时", "wd": "个工作日"}
_MOST = timedelta(days=400)
RULE = "写作 30min、24h、7d(自然时间)或 4wh、2wd(工作时、工作日),最长 400 天"


@dataclass(frozen=True)
class Allowance:
    amount: int
    unit: str

    @classmethod
    def read(cls, text: str) -> "Allowance":
        """Raises ValueError that says how it is written."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError(f"时限“{text[:20]}”看不懂;{RULE}")
        said = cls(int(found[1]), found[2])
        # A working day is at least a day, a working hour at least an hour.
        if said.amount * _NATURAL[said.unit.removeprefix("w")] > _MOST:
            raise ValueError(f"时限“{text[:20]}”过长;{RULE}")
        return said

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"

    @property
    def zh(self) -> str:
        return f"{self.amount} {_NAMES[self.unit]}"

    @property
    def working(self) -> bool:
        """Whether only working time counts."""
        return self.unit.startswith("w")

    def after(self, begin: datetime, time: "Time") -> datetime:
        """When it is over, if it begins then. UTC."""
        if self.unit == "wd":
            return time.working.add_days(begin, self.amount)
        return time.add(begin, self.amount * _NATURAL[self.unit.removeprefix("w")], self.working)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from_text = core_schema.no_info_after_validator_function(cls.read, core_schema.str_schema())
        return core_schema.json_or_python_schema(
            json_schema=from_text,
            python_schema=core_schema.union_schema(
                [core_schema.is_instance_schema(cls), from_text]
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "pattern": f"^{_WRITTEN.pattern}$", "examples": ["7d", "2wd"]}


@dataclass(frozen=True)
class Time:
    """Both kinds of time, reckoned alike: natural time passes always, working time at the office."""

    working: WorkingTime
    is_provisional: Callable[[date], bool]
    """Whether a day's being worked is only presumed: its year is not published yet."""

    def add(self, begin: datetime, amount: timedelta, working: bool) -> datetime:
        return self.working.add(begin, amount) if working else begin + amount

    def left(self, now: datetime, until: datetime, working: bool) -> timedelta:
        """Nothing where `until` is not after `now`."""
        if until <= now:
            return timedelta()
        return self.working.between(now, until) if working else until - now
