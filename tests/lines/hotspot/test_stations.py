"""Stations that hang or say nothing, and clues handed down: golden cases in words."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.hotspot import fault
from services.hotspot.rules import RULES
from services.hotspot.signals import RemoteAssist
from shared.declaration.signal import Observed
from tests.lines.hotspot.playing import NINE, QUIET, hour, play

RULE = fault.rule()
BLANK: dict[str, Any] = dict.fromkeys(QUIET)


def course(*parts: tuple[int, dict[str, Any]]) -> list[Observed]:
    """So many hours of each, one after the other."""
    values = [said for hours, said in parts for _ in range(hours)]
    return [hour("A", after, **said) for after, said in enumerate(values)]


CASES: list[tuple[str, list[Observed], list[tuple[str, str, int]]]] = [
    ("数值每小时有变化,正常", course((24, {})), []),
    ("六项数值五小时不变,再看看", course((1, {}), (6, QUIET), (3, {})), []),
    (
        "六项数值六小时不变,数据异常;恢复三小时后结束",
        course((1, {}), (7, QUIET), (5, {})),
        [("stuck", "raise", 7), ("stuck", "clear", 11)],
    ),
    (
        "一直不变,每小时都是再次发现",
        course((1, {}), (9, QUIET)),
        [("stuck", "raise", 7), ("stuck", "raise", 8), ("stuck", "raise", 9)],
    ),
    ("只有一项不变,不算", course((1, {}), (12, {"pm25": 40.0})), []),
    (
        "六小时没有任何数值,数据异常;恢复三小时后结束",
        course((1, {}), (7, BLANK), (5, {})),
        [("blank", "raise", 7), ("blank", "clear", 11)],
    ),
    (
        "恢复一小时又不变,不能算恢复",
        course((7, QUIET), (1, {}), (3, QUIET)),
        [("stuck", "raise", 6)],
    ),
    (
        "停了四小时再来还是同样的数,重新计时",
        [
            s
            for s in course((1, {}), (12, QUIET))
            if not 4 < (s.data.observed_at - NINE).seconds / 3600 < 8
        ],
        [],
    ),
    ("带标记的数值不算", course((1, {}), (12, {**QUIET, "qc_flag": "D"})), []),
]


@pytest.mark.parametrize(("signals", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_clerk_expects(signals: list[Observed], expected: list[tuple[str, str, int]]) -> None:
    found, _ = play(RULE, signals)
    seen = [
        (
            f.subject.split(":")[1],
            f.kind.value,
            round((f.seen_at - NINE).total_seconds() / 3600),
        )
        for f in found
    ]
    assert seen == expected
    assert all(f.category == "data_fault" and f.subject.startswith("A:") for f in found)


def test_repeats_and_late_readings_change_nothing() -> None:
    signals = course((1, {}), (7, QUIET), (5, {}))
    found, memory = play(RULE, signals)
    assert play(RULE, [s for seen in signals for s in (seen, seen, signals[0])]) == (found, memory)


def test_each_clue_is_one_problem_whoever_repeats_it() -> None:
    (rule,) = [one for one in RULES if one.code == "hotspot.remote-clue"]

    def clue(number: str, days: int = 0) -> Observed:
        data = RemoteAssist(
            device_id="远程帮扶平台",
            observed_at=NINE + timedelta(days=days),
            task_no="JN-2026-11-03",
            round="第 3 轮",
            clue_no=number,
            clue="某板材厂废气收集罩破损",
            pollution_source="某板材厂",
            due=date(2026, 11, 30),
        )
        return Observed("hotspot", "remote-assist", data)

    found, _ = play(rule, [clue("1"), clue("2"), clue("1"), clue("1", days=2)])
    assert [f.subject for f in found] == ["JN-2026-11-03/1", "JN-2026-11-03/2", "JN-2026-11-03/1"]
    assert {f.clause for f in found} == {"24.1"}
    assert found[0].key != found[1].key
    assert found[0].facts["due"] == "2026-11-30"
    assert found[0].facts["due_at"] == "2026-11-30T16:00:00+00:00"
    assert found[0].source == "superior"
