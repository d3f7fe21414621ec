"""What the air points to: golden cases in the clerk's words."""

from datetime import datetime, timedelta

import pytest

from services.hotspot.hints import AirHour, HintNumbers, hints
from tests.lines.facts import county_facts

NIGHT, RUSH, NOON = (f"2026-01-15T{hour}:00:00+08:00" for hour in ("23", "08", "13"))
SUMMER_NIGHT = "2026-06-15T23:00:00+08:00"
BASE = {"pm25": 60.0, "pm10": 100.0, "so2": 10.0, "no2": 30.0, "co": 1.0, "o3": 60.0, "tvoc": 0.2}


def found(end: str, now: dict[str, float], before: int = 3) -> dict[str, float]:
    """Line → strength, with `now` in the hour that ends then, after so many hours of BASE."""
    at = datetime.fromisoformat(end)
    window = [AirHour(at - timedelta(hours=k), BASE) for k in range(before, 0, -1)]
    window.append(AirHour(at, {**BASE, **now}))
    seen = hints(window, HintNumbers.at(at, county_facts()))
    assert all(0 <= hint.strength <= 1 for hint in seen)
    return {hint.line: round(hint.strength, 3) for hint in seen}


CASES = [
    ("与平时一样,不作提示", NOON, {}, {}),
    ("PM2.5 只占 PM10 两成,提示扬尘", NOON, {"pm25": 40.0, "pm10": 200.0}, {"dust": 1.0}),
    ("占三成,弱提示扬尘", NOON, {"pm25": 60.0, "pm10": 200.0}, {"dust": 0.5}),
    ("刚好四成,不提示扬尘", NOON, {"pm25": 40.0, "pm10": 100.0}, {}),
    (
        "采暖季夜里二氧化硫和一氧化碳一同升高,先查散煤再查焚烧",
        NIGHT,
        {"so2": 16.0, "co": 1.8},
        {"coal": 0.6, "burning": 0.3},
    ),
    (
        "夏夜里一同升高,先查焚烧",
        SUMMER_NIGHT,
        {"so2": 16.0, "co": 1.8},
        {"burning": 0.6, "coal": 0.3},
    ),
    ("白天一同升高,不提示散煤", NOON, {"so2": 16.0, "co": 1.8}, {}),
    ("夜里只有二氧化硫升高,不提示", NIGHT, {"so2": 30.0}, {}),
    (
        "早高峰氮氧化物和一氧化碳一同升高,提示移动源",
        RUSH,
        {"no2": 45.0, "co": 1.4},
        {"mobile": 0.4},
    ),
    (
        "臭氧和挥发性有机物一同升高,提示 VOCs 和工业",
        NOON,
        {"o3": 120.0, "tvoc": 0.3},
        {"vocs": 0.5, "industry": 0.25},
    ),
]


@pytest.mark.parametrize(
    ("end", "now", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_the_clerk_expects(end: str, now: dict[str, float], expected: dict[str, float]) -> None:
    assert found(end, now) == expected


def test_without_hours_before_nothing_has_risen() -> None:
    assert found(NIGHT, {"so2": 16.0, "co": 1.8}, before=0) == {}


def test_a_hint_says_why() -> None:
    at = datetime.fromisoformat(NOON)
    numbers = HintNumbers.at(at, county_facts())
    (hint,) = hints([AirHour(at, {"pm25": 30.0, "pm10": 120.0})], numbers)
    assert "0.25" in hint.reason_zh
    assert "扬尘" in hint.reason_zh
    assert hints([], numbers) == ()
