"""A report that is itself the finding."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.declaration.kernels.event import RECENT, Event
from shared.declaration.rule import Facts
from shared.domain.finding import Finding
from shared.domain.problem import Severity
from tests.unit.kernels.world import T0, World, fold, stack


def _find(code: str, data: Any, facts: Facts) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            rule=code,
            subject=data.device_id,
            category=category,
            severity=Severity.SERIOUS if (data.pm or 0) > 10 else Severity.GENERAL,
            source="patrol",
            title="不合格",
            seen_at=data.observed_at,
        )
        for category in data.broken
    )


KERNEL = Event(
    code="dust.check",
    zh="检查不合格",
    en="Check failed",
    signal="industry.stack",
    find=_find,
    categories=frozenset({"a", "b"}),
)
RULE, PACED = KERNEL.rule(), replace(KERNEL, paced=True).rule()
WORLD = World(numbers={"again_hours": 2})


@given(st.lists(st.integers(0, 20), max_size=30))
def test_a_report_counts_once_however_often_and_late(hours: list[int]) -> None:
    _, found = fold(RULE, [stack(h, broken=("a",)) for h in hours], WORLD)
    assert sorted(one.seen_at for one in found) == sorted({T0 + timedelta(hours=h) for h in hours})


def test_one_report_may_say_several_things() -> None:
    _, found = fold(RULE, [stack(1, broken=("a", "b"))] * 2, WORLD)
    assert [one.category for one in found] == ["a", "b"]


def test_flagged_and_blacked_out_are_passed_over() -> None:
    assert not fold(RULE, [stack(1, broken=("a",), qc_flag="D")], WORLD)[1]
    dark = replace(WORLD, dark=(T0, T0 + timedelta(hours=2)))
    assert not fold(RULE, [stack(1, broken=("a",))], dark)[1]


def test_paced_says_the_same_only_after_a_pause() -> None:
    course = [stack(h, broken=("a",)) for h in (0, 1, 1.99, 2, 3.9, 0.5)]
    _, found = fold(PACED, course, WORLD)
    assert [one.seen_at for one in found] == [T0, T0 + timedelta(hours=2)]


def test_paced_lets_what_is_worse_or_other_through() -> None:
    course = [
        stack(0, broken=("a",)),
        stack(0.1, broken=("b",)),
        stack(0.2, 11, broken=("a",)),
        stack(0.3, 11, broken=("a",)),
    ]
    assert len(fold(PACED, course, WORLD)[1]) == 3


def test_what_is_remembered_stays_bounded() -> None:
    state, _ = fold(RULE, [stack(h, broken=("a", "b")) for h in range(200)], WORLD)
    assert len(state.recent) == RECENT
