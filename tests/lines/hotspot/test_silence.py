"""Stations that are not heard any more: golden cases in words."""

from datetime import timedelta
from typing import Any

import pytest

from services.hotspot.rules import RULES
from services.hotspot.signals import GridMonitor, StationHour
from shared.declaration.signal import Observed, SignalData
from tests.lines.facts import county_facts
from tests.lines.hotspot.playing import NINE, hour, minutes
from tests.lines.playing import play

RULE: Any = next(rule for rule in RULES if rule.code == "hotspot.station-silent")
NAMES: dict[type[SignalData], str] = {
    StationHour: "hotspot.station-hourly",
    GridMonitor: "hotspot.grid-monitor",
}


def hours(*after: int, **values: Any) -> list[SignalData]:
    return [hour("A", n, **values).data for n in after]


CASES: list[tuple[str, list[SignalData], float, list[tuple[str, str, float]]]] = [
    ("每小时都有,正常", hours(*range(6)), 5.9, []),
    ("只缺一个小时值,不算离线", hours(0, 1, 2, 4, 5), 5.9, []),
    ("一个小时值晚到近一小时,不算离线", hours(0, 1), 3.9, []),
    ("连续三小时没有,一般", hours(0, 1), 4.1, [("raise", "general", 4)]),
    (
        "一整天没有,升为较重,仍是同一个问题",
        hours(0, 1),
        25.1,
        [("raise", "general", 4), ("raise", "serious", 25)],
    ),
    (
        "带标记的小时值也说明设备还在",
        [*hours(0, 1), *hours(2, 3, 4, qc_flag="D")],
        5.5,
        [],
    ),
    (
        "微站五分钟值停了三小时,一般",
        [minutes("B", NINE + timedelta(minutes=5 * n)).data for n in range(12)],
        4.0,
        [("raise", "general", 3 + 55 / 60)],
    ),
]


@pytest.mark.parametrize(
    ("signals", "until", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_the_clerk_expects(
    signals: list[SignalData], until: float, expected: list[tuple[str, str, float]]
) -> None:
    played = play(RULE, signals, county_facts(), names=NAMES, until=NINE + timedelta(hours=until))
    told = [(f.kind.value, f.severity.value, f.seen_at) for f in played.findings]
    assert told == [
        (kind, severity, NINE + timedelta(hours=after)) for kind, severity, after in expected
    ]
    assert len({(f.category, f.subject) for f in played.findings}) <= 1, "one problem"


def test_heard_again_for_two_hours_it_is_over() -> None:
    facts = county_facts()
    silent = play(RULE, hours(0), facts, names=NAMES, until=NINE + timedelta(hours=4))
    state, told = silent.states["A"], [f.kind.value for f in silent.findings]
    for data in hours(5, 6, 7):
        observed = Observed("hotspot", "station-hourly", data)
        outcome = RULE.step(state, observed, facts)
        state = outcome.state
        told += [f"{f.kind.value} {data.observed_at - NINE}" for f in outcome.findings]
    assert told == ["raise", "clear 7:00:00"]
