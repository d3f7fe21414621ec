"""What kind of source the air itself points to. Pure: a window of hours in, hints with reasons out.

A hint is no proof: it says where to look first, and why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from services.hotspot.numbers import CODE
from shared.declaration.rule import Facts
from shared.domain.moments import SHANGHAI


@dataclass(frozen=True)
class Hint:
    """`strength` from 0 (only just) to 1 (clear)."""

    line: str
    reason_zh: str
    strength: float


@dataclass(frozen=True)
class AirHour:
    """The means of the hour that ends at `at`; CO and TVOC in mg/m³, all else in µg/m³."""

    at: datetime
    values: Mapping[str, float]


@dataclass(frozen=True)
class HintNumbers:
    """Hours are those of the day in Asia/Shanghai, from (inclusive) to (exclusive)."""

    dust_ratio: float | None
    co_rise: float
    night: tuple[float, float]
    morning: tuple[float, float]
    evening: tuple[float, float]
    heating: tuple[float, float]
    """First and last day of the heating season as month * 100 + day."""

    @classmethod
    def at(cls, moment: datetime, facts: Facts) -> Self:
        def span(name: str) -> tuple[float, float]:
            return (facts.number(CODE, f"{name}_from"), facts.number(CODE, f"{name}_to"))

        ratio = facts.limit("hotspot.typing-hint.dust-ratio", moment)
        return cls(
            dust_ratio=ratio.value if ratio else None,
            co_rise=facts.number(CODE, "co_rise"),
            night=span("night"),
            morning=span("morning"),
            evening=span("evening"),
            heating=span("heating"),
        )


NAMES = {"so2": "SO₂", "no2": "NO₂", "o3": "O₃", "co": "CO", "tvoc": "TVOC"}


def hints(window: Sequence[AirHour], numbers: HintNumbers) -> tuple[Hint, ...]:
    """What the newest hour points to, the strongest first; the earlier ones say what has risen."""
    if not window:
        return ()
    now = window[-1]
    local = now.at.astimezone(SHANGHAI)
    # The hour is named by its end; what counts is when its air was measured.
    hour = (local.hour - 1) % 24
    found = list(_dust(now, numbers))
    if _within(hour, numbers.night) and (rise := _together("so2", "co", window, numbers)):
        heating = _within(local.month * 100 + local.day, numbers.heating)
        reason = f"夜间 {rise.said},符合燃煤或露天焚烧的特征"
        found.append(Hint("coal" if heating else "burning", reason, rise.strength))
        found.append(Hint("burning" if heating else "coal", reason, rise.strength / 2))
    rush = _within(hour, numbers.morning) or _within(hour, numbers.evening)
    if rush and (rise := _together("no2", "co", window, numbers)):
        found.append(Hint("mobile", f"交通高峰时段 {rise.said},符合机动车的特征", rise.strength))
    if rise := _together("o3", "tvoc", window, numbers):
        reason = f"{rise.said},符合挥发性有机物排放的特征"
        found.append(Hint("vocs", reason, rise.strength))
        found.append(Hint("industry", reason, rise.strength / 2))
    return tuple(sorted(found, key=lambda hint: (-hint.strength, hint.line)))


def _dust(now: AirHour, numbers: HintNumbers) -> list[Hint]:
    fine, coarse = now.values.get("pm25"), now.values.get("pm10")
    if fine is None or not coarse or numbers.dust_ratio is None:
        return []
    ratio = fine / coarse
    if ratio >= numbers.dust_ratio:
        return []
    reason = f"PM2.5/PM10 为 {ratio:.2f},低于 {numbers.dust_ratio:g},粗颗粒为主,符合扬尘的特征"
    return [Hint("dust", reason, min(1.0, 2 * (1 - ratio / numbers.dust_ratio)))]


@dataclass(frozen=True)
class _Rise:
    said: str
    strength: float


def _together(
    one: str, other: str, window: Sequence[AirHour], numbers: HintNumbers
) -> _Rise | None:
    """Both above the mean of the hours before, by the pack's factor; None without such hours."""
    factors = []
    for name in (one, other):
        now = window[-1].values.get(name)
        before = [hour.values[name] for hour in window[:-1] if name in hour.values]
        if now is None or not before or not (mean := sum(before) / len(before)):
            return None
        factors.append(now / mean)
    if min(factors) < numbers.co_rise:
        return None
    said = "、".join(
        f"{NAMES[name]} 升至此前的 {factor:.1f} 倍"
        for name, factor in zip((one, other), factors, strict=True)
    )
    return _Rise(f"{said}(同步上升)", min(1.0, min(factors) - 1))


def _within(value: float, span: tuple[float, float]) -> bool:
    """In a span that may run over midnight, or over the new year."""
    start, end = span
    return start <= value < end if start <= end else value >= start or value < end
