"""What a line's devices may send: pydantic models with units and ranges, and how they are keyed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from math import isfinite
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.domain.entry import Kind
from shared.domain.moments import Moment
from shared.domain.problem import ENDED

GOOD_FLAGS = frozenset({"N"})
"""HJ 212's flag N means measured normally; any other value neither raises nor clears."""

AvgPeriod = Literal["instant", "PT5M", "PT10M", "PT15M", "PT1H", "PT8H", "P1D", "P1M"]


def measured(unit: str, zh: str, *, ge: float = 0.0, le: float, least: float | None = None) -> Any:
    """A measured value that may be missing; `unit` is UCUM, the range is what can be true at all.

    Written `pm10: float | None = measured("ug/m3", "颗粒物", le=5000)`. A value outside says that
    unit or device is wrong: it is refused, never converted. So is one above zero and below `least`:
    0.15 where µg/m³ belong is a value in mg/m³.
    """
    return Field(
        default=None,
        ge=ge,
        le=le,
        allow_inf_nan=False,
        description=f"{zh}({unit})",
        json_schema_extra={"unit": unit} if least is None else {"unit": unit, "least": least},
    )


class SignalData(BaseModel):
    """What every signal says. Times carry their offset; places are WGS-84."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    device_id: str = Field(min_length=1, max_length=80, description="设备编号")
    observed_at: Moment = Field(description="观测时间,RFC 3339 带时区")
    town: str | None = Field(default=None, max_length=12, description="镇街代码")
    lon: float | None = Field(default=None, ge=-180, le=180, description="经度 WGS-84")
    lat: float | None = Field(default=None, ge=-90, le=90, description="纬度 WGS-84")
    avg_period: AvgPeriod = "instant"
    qc_flag: str = Field(default="N", min_length=1, max_length=4, description="质控标记,N 为正常")

    _least: ClassVar[dict[str, tuple[float, str]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        extras = {name: field.json_schema_extra for name, field in cls.model_fields.items()}
        cls._least = {
            name: (float(str(extra["least"])), str(extra["unit"]))
            for name, extra in extras.items()
            if isinstance(extra, dict) and "least" in extra
        }

    @model_validator(mode="after")
    def _in_their_units(self) -> Self:
        for name, (least, unit) in self._least.items():
            value = getattr(self, name)
            if value is not None and 0 < value < least:
                raise ValueError(
                    f"{name} {value:g} 小于 {least:g} {unit},像是用了别的单位;请换算为 {unit} 后再报"
                )
        return self

    @property
    def good(self) -> bool:
        """Whether its values may raise or clear anything."""
        return self.qc_flag in GOOD_FLAGS

    def value(self, field: str) -> float | None:
        """A measured field; None where it is missing or the reading is flagged."""
        found = getattr(self, field) if self.good else None
        return None if found is None else float(found)


class FollowedData(SignalData):
    """Another line's signal as a follower sees it: its model lives over there, and it may grow."""

    model_config = ConfigDict(frozen=True, extra="allow")

    def value(self, field: str) -> float | None:
        found = getattr(self, field, None) if self.good else None
        return float(found) if isinstance(found, int | float) and isfinite(found) else None


PROBLEM = "problem"
"""A rule that reads `dust.problem` hears of every change of a problem in the dust line's ledger."""


class FollowedProblem(FollowedData):
    """Another line's problem as a follower sees it: `device_id` is its id, `observed_at` when it last
    changed."""

    number: str
    title: str
    site: str | None = None
    open: bool
    referred: bool
    """It is a part of another line's problem."""

    @classmethod
    def of_entry(cls, entry: Mapping[str, Any]) -> Self | None:
        """From an entry in its JSON form; None when it is no problem, or says too little."""
        if entry.get("kind") != Kind.PROBLEM:
            return None
        try:
            where = entry.get("location") or {}
            return cls(
                device_id=entry["id"],
                observed_at=entry["updated_at"],
                town=entry.get("town") or where.get("town"),
                lon=where.get("lon"),
                lat=where.get("lat"),
                number=entry["number"],
                title=entry["title"],
                site=entry.get("site"),
                open=entry["status"] not in ENDED,
                referred=entry.get("parent") is not None,
            )
        except (KeyError, ValidationError):
            return None


@dataclass(frozen=True)
class Signal:
    """One kind of signal of one line: `POST /v1/signals/{code}` and `cn.tenlines.signal.…`."""

    code: str
    zh: str
    en: str
    model: type[SignalData]
    silent_after: timedelta | None = None
    """A device that has sent this is expected again within so long; None: it reports events."""

    def __post_init__(self) -> None:
        if self.code == PROBLEM:
            raise ValueError(f"a signal cannot be called {PROBLEM!r}: rules read problems under it")
        if not re.match(r"^[a-z][a-z0-9-]{0,39}$", self.code):
            raise ValueError(f"signal {self.code!r}: lower-case letters, digits and '-' only")


@dataclass(frozen=True)
class Observed:
    """One signal as a rule sees it: whose it is, and where it stands in its topic."""

    line: str
    signal: str
    data: SignalData

    @cached_property
    def name(self) -> str:
        """`dust.site-monitor`: how rules name what they read."""
        return f"{self.line}.{self.signal}"


def signal_type(line: str, code: str) -> str:
    """The CloudEvents type: `cn.tenlines.signal.dust.site-monitor.v1`."""
    return f"cn.tenlines.signal.{line}.{code}.v1"
