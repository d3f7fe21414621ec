"""A value against a limit: what raises, what clears, and what does neither."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.declaration.kernels.exceedance import Exceedance, Exceeding
from shared.declaration.signal import Observed
from shared.domain.finding import FindingKind
from shared.domain.problem import Severity
from tests.unit.kernels.world import T0, Bound, World, fold, stack

KERNEL = Exceedance(
    code="industry.pm",
    zh="颗粒物超标",
    en="PM over limit",
    signal="industry.stack",
    value="pm",
    quantity="stack_pm",
    limit="pm",
    category="exceed",
    clause="18.1",
)
RULE = KERNEL.rule()
ONE = World(numbers={"readings": 1, "clear_hours": 4})
TWO = World(numbers={"readings": 2, "clear_hours": 4})
VALUES = st.one_of(st.none(), st.sampled_from([0.0, 9.9, 10.0, 10.1, 40.0]))


@st.composite
def courses(draw: Any) -> list[Observed]:
    """Readings of a day: some missing, some flagged, some repeated, some late."""
    hours = draw(st.lists(st.integers(0, 30), min_size=1, max_size=30))
    if draw(st.booleans()):
        hours.sort()
    signals = [stack(h, draw(VALUES), qc_flag=draw(st.sampled_from("NNNND"))) for h in hours]
    return [one for one in signals for _ in range(draw(st.sampled_from([1, 1, 1, 2])))]


def kinds(found: list[Any]) -> str:
    return "".join("C" if one.kind is FindingKind.CLEAR else "R" for one in found)


@settings(deadline=None)
@given(courses(), st.frozensets(st.integers(0, 60)), st.sampled_from([ONE, TWO]))
def test_batches_cut_anywhere_give_the_same(
    signals: list[Observed], cuts: frozenset[int], world: World
) -> None:
    assert fold(RULE, signals, world) == fold(RULE, signals, world, cuts)


@settings(deadline=None)
@given(courses(), st.data(), st.sampled_from([ONE, TWO]))
def test_a_repeat_changes_nothing(signals: list[Observed], data: Any, world: World) -> None:
    at = data.draw(st.integers(0, len(signals) - 1))
    again = [*signals[: at + 1], signals[at], *signals[at + 1 :]]
    assert fold(RULE, again, world) == fold(RULE, signals, world)


@settings(deadline=None)
@given(courses(), st.data(), st.sampled_from([ONE, TWO]))
def test_flagged_and_missing_neither_raise_nor_clear(
    signals: list[Observed], data: Any, world: World
) -> None:
    at = data.draw(st.integers(0, len(signals)))
    hours = data.draw(st.integers(0, 40))
    nothing = data.draw(
        st.sampled_from([stack(hours, 90, qc_flag="D"), stack(hours, 0, qc_flag="C"), stack(hours)])
    )
    with_it = [*signals[:at], nothing, *signals[at:]]
    assert fold(RULE, with_it, world) == fold(RULE, signals, world)


@settings(deadline=None)
@given(courses(), st.sampled_from([ONE, TWO]))
def test_each_clear_ends_something_and_is_proven(signals: list[Observed], world: World) -> None:
    _, found = fold(RULE, signals, world)
    before = ""
    for one in found:
        if one.kind is FindingKind.CLEAR:
            assert before == "R", "nothing was open"
            assert one.proof is not None and one.proof.highest is not None
            assert one.proof.until - one.proof.since >= timedelta(hours=4)
            assert one.proof.highest.value <= 10
        before = "C" if one.kind is FindingKind.CLEAR else "R"


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500), VALUES), max_size=200))
def test_the_state_stays_small(course: list[tuple[int, float | None]]) -> None:
    state, _ = fold(RULE, [stack(h, v) for h, v in course], ONE)
    assert len(state.model_dump_json()) < 2000


def test_the_limit_itself_is_within() -> None:
    assert kinds(fold(RULE, [stack(0, 10), stack(1, 10.01)], ONE)[1]) == "R"


def test_so_many_in_a_row() -> None:
    broken = [stack(0, 11), stack(1, 9), stack(2, 11)]
    assert kinds(fold(RULE, broken, TWO)[1]) == ""
    held = [stack(0, 11), stack(1), stack(2, 90, qc_flag="D"), stack(3, 11)]
    assert kinds(fold(RULE, held, TWO)[1]) == "R"


def test_over_after_so_many_hours_without_a_hole() -> None:
    below = [stack(0, 40), *(stack(h, 9 - h / 10) for h in range(1, 6))]
    _, found = fold(RULE, below, ONE)
    assert kinds(found) == "RC"
    proof = found[-1].proof
    assert proof is not None and proof.highest is not None
    assert (proof.since, proof.until) == (T0 + timedelta(hours=1), T0 + timedelta(hours=5))
    assert (proof.readings, proof.highest.value) == (5, 8.9)
    holed = [stack(0, 40), *(stack(h, 5) for h in (1, 2, 4, 5, 6))]
    assert kinds(fold(RULE, holed, ONE)[1]) == "R"


def test_another_reading_above_begins_the_proof_anew() -> None:
    course = [stack(h, 40 if h in (0, 4) else 5) for h in range(8)]
    assert kinds(fold(RULE, course, ONE)[1]) == "RR"


def test_late_below_never_clears() -> None:
    course = [stack(0, 40), stack(1, 5), stack(9, 40), *(stack(h, 5) for h in range(2, 9))]
    assert kinds(fold(RULE, course, ONE)[1]) == "RR"


def test_late_above_is_seen_again_and_raises_alone_where_one_is_enough() -> None:
    course = [stack(5, 5), stack(2, 40)]
    assert kinds(fold(RULE, course, ONE)[1]) == "R"
    assert kinds(fold(RULE, course, TWO)[1]) == ""
    lasting = [stack(0, 40), stack(1, 40), stack(4, 40), stack(2, 40)]
    assert kinds(fold(RULE, lasting, TWO)[1]) == "RRR"


def test_late_above_in_the_midst_of_the_proof_begins_it_anew() -> None:
    course = [stack(0, 40), *(stack(h, 5) for h in (1, 2, 3)), stack(2.5, 40)]
    course += [stack(h, 5) for h in range(4, 8)]
    assert kinds(fold(RULE, course, ONE)[1]) == "RR"
    assert kinds(fold(RULE, [*course, stack(8, 5)], ONE)[1]) == "RRC"


def test_late_above_from_before_the_proof_leaves_it() -> None:
    course = [stack(0, 40), *(stack(h, 5) for h in (2, 3, 4)), stack(1, 40), stack(5, 5)]
    assert kinds(fold(RULE, course, ONE)[1]) == "RR"
    assert kinds(fold(RULE, [*course, stack(6, 5)], ONE)[1]) == "RRC"


def test_older_than_all_that_is_remembered_counts_for_nothing() -> None:
    course = [*(stack(100 + h, 5) for h in range(24)), stack(1, 40)]
    assert kinds(fold(RULE, course, ONE)[1]) == ""


def test_blackouts_neither_raise_nor_clear() -> None:
    dark = replace(ONE, dark=(T0, T0 + timedelta(hours=2)))
    assert kinds(fold(RULE, [stack(0, 40), stack(1, 40), stack(2, 40)], dark)[1]) == "R"


def test_a_day_without_a_limit_says_nothing() -> None:
    none = replace(ONE, limits={"pm": None})
    assert fold(RULE, [stack(0, 400)], none) == (Exceeding(), [])


def test_far_above_is_critical() -> None:
    rule = replace(KERNEL, critical=True).rule()
    world = replace(ONE, numbers={**ONE.numbers, "critical_factor": 2})
    _, found = fold(rule, [stack(0, 20), stack(1, 20.1)], world)
    assert [one.severity for one in found] == [Severity.SERIOUS, Severity.CRITICAL]


def test_below_is_wrong_and_the_proof_tells_the_lowest() -> None:
    world = replace(ONE, limits={"pm": Bound(100, above=False)})
    course = [stack(0, 99), *(stack(h, 100 + h) for h in range(1, 6))]
    _, found = fold(RULE, course, world)
    assert kinds(found) == "RC"
    assert found[-1].proof is not None and found[-1].proof.highest is not None
    assert found[-1].proof.highest.value == 101
