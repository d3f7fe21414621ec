"""High-value areas: golden cases in the clerk's words, and what order and lateness do."""

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from services.hotspot import area
from shared.declaration.signal import Observed
from shared.domain.finding import Finding, FindingKind
from tests.lines.facts import county_facts
from tests.lines.hotspot.playing import NINE, PLACES, county, hour, minutes, play
from tests.lines.playing import Beside

RULE = area.rule()
RAMP = {("A", 1): {"pm25": 56.0}}
"""Rises too slowly for a sudden rise."""


def said(found: list[Finding]) -> list[tuple[str, str, str, int]]:
    """(category, kind, station, hours past nine) of what was found in this line."""
    return [
        (
            f.category,
            f.kind.value,
            f.subject.removeprefix("area:"),
            round((f.seen_at - NINE).total_seconds() / 3600),
        )
        for f in found
        if f.line is None
    ]


CASES: list[tuple[str, dict[tuple[str, int], dict[str, Any]], list[tuple[str, str, str, int]]]] = [
    ("全县平稳,不立案", {}, []),
    (
        "一个站连续两小时高于中位数 1.5 倍,第二小时立案",
        {**RAMP, ("A", 2): {"pm25": 63.0}, ("A", 3): {"pm25": 65.0}},
        [("high_value", "raise", "A", 3), ("high_value", "clear", "A", 7)],
    ),
    ("只高一小时,不是高值区", {**RAMP, ("A", 2): {"pm25": 63.0}}, []),
    (
        "突升之后一直高,仍是同一个问题",
        {("A", h): {"pm25": 90.0 + h} for h in (2, 3)},
        [
            ("sudden_rise", "raise", "A", 2),
            ("sudden_rise", "raise", "A", 3),
            ("sudden_rise", "clear", "A", 7),
        ],
    ),
    (
        "中间一小时没有数据,不算连续",
        {**RAMP, ("A", 2): {"pm25": 63.0}, ("A", 3): {"pm25": None}, ("A", 4): {"pm25": 62.5}},
        [],
    ),
    (
        "带标记的数据不立案",
        {**RAMP, ("A", 2): {"pm25": 63.0}, ("A", 3): {"pm25": 65.0, "qc_flag": "D"}},
        [],
    ),
    (
        "全县一同升高,是外来传输,不是本地高值",
        {(s, h): {"pm25": 150.0 + ord(s) % 5 + h} for s in PLACES for h in (3, 4, 5, 6)},
        [],
    ),
    (
        "低于起点浓度,倍数再高也不立案",
        {(s, h): {"pm25": 10.0 + h / 10} for s in PLACES for h in range(12)}
        | {("A", h): {"pm25": 30.0 + h / 10} for h in range(12)},
        [],
    ),
    (
        "不到 1.5 倍,但连续三小时排第一且明显高于中位数,第三小时立案",
        {("B", h): {"pm25": 52.0 + h / 10} for h in (2, 3, 4)},
        [("high_value", "raise", "B", 4), ("high_value", "clear", "B", 8)],
    ),
    (
        "排第一但与中位数相差无几,不立案",
        {("B", h): {"pm25": 43.0 + h / 10} for h in range(12)},
        [],
    ),
    (
        "仍偏高就一直算再次发现,降下来满四小时才算结束",
        RAMP | {("A", h): {"pm25": 62.0 + h / 10} for h in (2, 3, 4, 5)},
        [
            ("high_value", "raise", "A", 3),
            ("high_value", "raise", "A", 4),
            ("high_value", "raise", "A", 5),
            ("high_value", "clear", "A", 9),
        ],
    ),
    (
        "一小时内升幅过半,立浓度突升",
        {("C", 4): {"no2": 70.0}},
        [("sudden_rise", "raise", "C", 4), ("sudden_rise", "clear", "C", 8)],
    ),
    (
        "臭氧高于中位数 1.5 倍但不到 160,不立案",
        {("D", h): {"o3": 120.0 + h} for h in range(12)},
        [],
    ),
]


@pytest.mark.parametrize(("changed", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_clerk_expects(
    changed: dict[tuple[str, int], dict[str, Any]], expected: list[tuple[str, str, str, int]]
) -> None:
    found, _ = play(RULE, county(range(12), changed))
    assert said(found) == expected


def test_what_is_said_of_it() -> None:
    changed = {**RAMP, ("A", 2): {"pm25": 63.0}, ("A", 3): {"pm25": 65.0}}
    found, _ = play(RULE, county(range(12), changed))
    raised, cleared = found
    assert raised.reading is not None
    assert raised.reading.quantity == "pm25"
    assert raised.reading.value == 65.0
    others = sorted(seen.data.value("pm25") or 0 for seen in county([3], changed))
    assert raised.reading.limit == pytest.approx(1.5 * others[2])
    assert raised.facts["rank"] == "1/5"
    assert raised.clause == "24.1"
    assert (raised.lon, raised.lat) == PLACES["A"]
    assert cleared.kind is FindingKind.CLEAR
    assert cleared.proof is not None
    assert cleared.proof.readings == 4
    assert cleared.proof.since == NINE + timedelta(hours=3)
    assert cleared.proof.until == NINE + timedelta(hours=7)


def shuffled(signals: list[Observed], seed: int) -> list[Observed]:
    """Within each hour in another order."""
    chance = random.Random(seed)
    return sorted(signals, key=lambda seen: (seen.data.observed_at, chance.random()))


@pytest.mark.parametrize("seed", range(20))
def test_the_order_within_an_hour_changes_nothing(seed: int) -> None:
    changed: dict[tuple[str, int], Mapping[str, float | None]] = {
        **RAMP,
        **{("A", h): {"pm25": 62.0 + h / 10} for h in (2, 3, 4)},
        ("C", 4): {"no2": 70.0},
        ("B", 5): {"pm25": None},
    }
    signals = [s for s in county(range(12), changed) if not _away(s)]
    newcomer = [hour("F", h) for h in range(5, 9)]
    found, again = play(RULE, shuffled(signals + newcomer, seed))
    ordered, after = play(RULE, shuffled(signals + newcomer, 1000))
    assert found == ordered
    assert again == after
    assert said(found) != []


def _away(seen: Observed) -> bool:
    """Station D falls silent for two hours."""
    at = seen.data.observed_at - NINE
    return seen.data.device_id == "D" and timedelta(hours=6) <= at <= timedelta(hours=7)


def test_an_hour_waits_for_the_stations_usually_heard_and_no_longer_than_the_grace() -> None:
    signals = county(range(4), {**RAMP, ("A", 2): {"pm25": 63.0}, ("A", 3): {"pm25": 65.0}})
    without_e = [
        s for s in signals if not (s.data.device_id == "E" and s.data.observed_at.hour == 4)
    ]
    held = without_e[-4:]
    assert all(s.data.observed_at == NINE + timedelta(hours=3) for s in held)
    found, memory = play(RULE, without_e)
    assert found == []
    early = minutes("A", NINE + timedelta(hours=3, minutes=35), pm25=50.0)
    assert play(RULE, [*without_e, early])[0] == []
    due = minutes("A", NINE + timedelta(hours=3, minutes=40), pm25=50.0)
    assert said(play(RULE, [*without_e, due])[0]) == [("high_value", "raise", "A", 3)]
    assert memory["county"].judged is not None


def test_a_late_hour_raises_nothing_by_itself_but_the_next_hour_sees_it() -> None:
    changed = RAMP | {("A", h): {"pm25": 62.0 + h / 10} for h in (2, 3, 4)}
    signals = county(range(5), changed)
    late = next(
        s
        for s in signals
        if s.data.device_id == "A" and s.data.observed_at == NINE + timedelta(hours=2)
    )
    rest = [s for s in signals if s is not late]
    until_three = [s for s in rest if s.data.observed_at <= NINE + timedelta(hours=3)]
    hour_four = [s for s in rest if s.data.observed_at > NINE + timedelta(hours=3)]
    assert play(RULE, until_three)[0] == []
    assert play(RULE, [*until_three, late])[0] == []
    assert said(play(RULE, [*until_three, late, *hour_four])[0]) == [
        ("high_value", "raise", "A", 4)
    ]


def test_a_repeat_and_a_reading_older_than_the_window_change_nothing() -> None:
    signals = county(range(12), {**RAMP, ("A", 2): {"pm25": 63.0}, ("A", 3): {"pm25": 65.0}})
    found, memory = play(RULE, signals)
    twice = [copy for seen in signals for copy in (seen, seen)]
    assert play(RULE, twice) == (found, memory)
    old = hour("A", 1, pm25=999.0, at=NINE - timedelta(hours=30))
    assert play(RULE, [*signals, old]) == (found, memory)


def test_a_blackout_hides_a_station() -> None:
    changed = {("A", h): {"pm25": 95.0 + h} for h in range(6)}
    assert said(play(RULE, county(range(6), changed))[0]) != []
    always = (NINE - timedelta(days=1), NINE + timedelta(days=1))
    hidden = Beside(county_facts(), blackouts=(("A", *always),))
    assert play(RULE, county(range(6), changed), hidden)[0] == []


def test_five_minute_readings_make_an_hour_whatever_their_order() -> None:
    def slots(station: str, start: int, value: float) -> list[Observed]:
        begin = NINE + timedelta(hours=start - 1)
        return [
            minutes(station, begin + timedelta(minutes=5 * k), pm25=value + k / 7)
            for k in range(1, 13)
        ]

    quiet = [s for s in county(range(6), {}) if s.data.device_id != "A"]
    high = {2: 70.0, 3: 71.0}
    grid = [s for h in range(6) for s in slots("A", h, high.get(h, 40.0 + h))]
    signals = sorted([*quiet, *grid], key=lambda s: (s.data.observed_at, s.data.device_id))
    found, _ = play(RULE, signals)
    assert said(found) == [("sudden_rise", "raise", "A", 2), ("sudden_rise", "raise", "A", 3)]
    raised = found[-1]
    assert raised.reading is not None
    assert raised.reading.value == pytest.approx(71 + sum(range(1, 13)) / 7 / 12, abs=0.001)
    few = [s for s in signals if s.data.device_id != "A" or s.data.observed_at.minute % 15 == 0]
    assert play(RULE, few)[0] == [], "four of twelve readings are no hour"


def test_what_is_remembered_stays_bounded() -> None:
    signals = [
        hour(f"{chr(65 + s % 26)}{s}", h, pm25=40.0 + (s * 7 + h * 13) % 60)
        for h in range(60)
        for s in range(30)
    ]
    _, early = play(RULE, signals[: 30 * 20])
    _, late = play(RULE, signals)
    sizes = [len(memory["county"].model_dump_json()) for memory in (early, late)]
    assert sizes[1] < 1.3 * sizes[0]
    assert len(late["county"].hours) == 8
