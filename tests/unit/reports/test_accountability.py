"""The ladder against a slow model that reads the rule word by word."""

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.accountability import (
    Air,
    Measure,
    Thresholds,
    accounts,
    among_last,
    combined_ranks,
)
from shared.domain.calendar_month import CalendarMonth

USUAL = Thresholds(last_of_month=2, last_of_year=1, composite=0.5, change=0.5)
TOWNS = ["t1", "t2", "t3", "t4", "t5"]
FIRST = CalendarMonth(2025, 11)
airs = st.builds(Air, st.integers(20, 26).map(lambda n: n / 10), st.integers(-3, 3).map(float))
months = st.lists(
    st.dictionaries(st.sampled_from(TOWNS), airs, max_size=len(TOWNS)), min_size=1, max_size=16
)


def in_order(months: int, **bad: str) -> dict[CalendarMonth, dict[str, Air]]:
    """So many months in which t1 is best and t5 worst."""
    return {
        FIRST.shifted(n): {town: Air(2.0 + at / 10, 0.0) for at, town in enumerate(TOWNS)}
        for n in range(months)
    }


def test_what_each_month_in_a_row_means() -> None:
    wanted = [
        (Measure("约谈", None), Measure("通报批评", "约谈")),
        (Measure("通报批评", "约谈"), Measure("诫勉", "通报批评")),
        (Measure("诫勉", "通报批评"), Measure("诫勉", "通报批评")),
        (Measure("诫勉", "通报批评"), Measure("诫勉", "通报批评")),
    ]
    for count, (now, more) in enumerate(wanted, 1):
        found = accounts(TOWNS, in_order(count), FIRST.shifted(count - 1), USUAL)
        assert [a.streak for a in found] == [0, 0, 0, count, count]
        assert (found[-1].measure, found[-1].one_more) == (now, more)
        assert found[0].measure == Measure(None, None)
        assert found[0].one_more == Measure("约谈", None)


def test_a_month_without_a_rank_breaks_the_row() -> None:
    held = in_order(3)
    del held[FIRST.shifted(1)]["t5"]
    assert accounts(TOWNS, held, FIRST.shifted(2), USUAL)[-1].streak == 1
    del held[FIRST.shifted(1)]
    assert accounts(TOWNS, held, FIRST.shifted(2), USUAL)[3].streak == 1


def test_the_year_counts_only_when_it_is_whole() -> None:
    held = in_order(14)
    november = accounts(TOWNS, held, CalendarMonth(2026, 11), USUAL)[-1]
    assert (november.year_rank, november.year_last) == (5, True)
    assert november.year_measure == Measure(None, None)
    december = accounts(TOWNS, held, CalendarMonth(2026, 12), USUAL)
    assert december[-1].year_measure == Measure("党政纪处分", "党政纪处分")
    assert [a.year_measure.heads for a in december[:-1]] == [None] * 4
    del held[CalendarMonth(2026, 5)]["t5"]
    assert accounts(TOWNS, held, CalendarMonth(2026, 12), USUAL)[-1].year_rank is None


def test_towns_without_a_year_before_have_no_rank_unless_nobody_has_one() -> None:
    alone = {"t1": Air(2.0, None), "t2": Air(1.9, None)}
    assert combined_ranks(alone, USUAL) == {"t2": 1, "t1": 2}
    assert combined_ranks(alone | {"t3": Air(3.0, 1.0)}, USUAL) == {"t3": 1}


def slow_ranks(month: dict[str, Air]) -> dict[str, int]:
    if not month:
        return {}
    by_index = sorted(air.composite for air in month.values())
    by_change = sorted(-(air.improvement or 0) for air in month.values())
    keys = {
        town: (
            by_index.index(air.composite) + by_change.index(-(air.improvement or 0)),
            air.composite,
        )
        for town, air in month.items()
    }
    order = sorted(keys.values())
    return {town: order.index(key) + 1 for town, key in keys.items()}


def slow_last(month: dict[str, Air], last: int) -> set[str]:
    ranks = slow_ranks(month)
    worst = sorted(ranks.values(), reverse=True)
    limit = worst[min(last, len(worst)) - 1] if worst else 0
    return {town for town, rank in ranks.items() if rank >= limit}


@given(months, st.integers(1, 3))
def test_the_ladder_equals_the_slow_model(held: list[dict[str, Air]], last: int) -> None:
    thresholds = Thresholds(last, 1, 0.5, 0.5)
    by_month = {FIRST.shifted(n): month for n, month in enumerate(held)}
    at = FIRST.shifted(len(held) - 1)
    for account in accounts(TOWNS, by_month, at, thresholds):
        streak = 0
        for month in reversed(held):
            if account.town not in slow_last(month, last):
                break
            streak += 1
        assert account.streak == streak
        assert account.rank == slow_ranks(held[-1]).get(account.town)


@given(
    st.dictionaries(st.text("abc", min_size=1), st.integers(1, 9), min_size=1), st.integers(1, 4)
)
def test_among_the_last_are_at_least_so_many_and_nobody_better(
    ranks: dict[str, int], last: int
) -> None:
    found = among_last(ranks, last)
    assert len(found) >= min(last, len(ranks))
    rest = [rank for town, rank in ranks.items() if town not in found]
    assert all(ranks[town] > max(rest, default=0) for town in found)
