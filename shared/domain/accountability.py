"""The accountability ladder (问责阶梯): what a row of bad months means for a town today.

《济宁市环境保护工作问责办法(暂行)》: a town among the last of the month's combined ranking (综合指数
and 同比改善率) is answered by a measure that grows with every month in a row; the last of the year
by discipline. How many are "the last" is the county's number. This module says what the rule says;
whether it is done, people decide.

A month of which the town has no rank breaks the row: nobody is held to account for what was not
measured. Ranks are positions from 1, the best; towns that share a rank are among the last together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from shared.domain.calendar_month import CalendarMonth


@dataclass(frozen=True)
class Measure:
    deputy: str | None
    """For the deputy in charge (分管负责人)."""
    heads: str | None
    """For the heads of party and government (党政主要负责人)."""


NONE = Measure(None, None)
BY_MONTHS: tuple[Measure, ...] = (
    NONE,
    Measure("约谈", None),
    Measure("通报批评", "约谈"),
    Measure("诫勉", "通报批评"),
)
"""By months in a row among the last; more of them mean what the last row says."""
OF_THE_YEAR = Measure("党政纪处分", "党政纪处分")


@dataclass(frozen=True)
class Thresholds:
    last_of_month: int
    last_of_year: int
    composite: float
    """Share of the composite index's rank in the combined one; `change`: of the improvement's."""
    change: float


@dataclass(frozen=True)
class Air:
    """A town's air in one month: 综合指数, lower is better; 同比改善率 in percent, higher is better,
    None where there is no year before."""

    composite: float
    improvement: float | None


def combined_ranks(towns: Mapping[str, Air], thresholds: Thresholds) -> dict[str, int]:
    """Town → rank. By the weighted sum of its two ranks, then by the composite index. Where no
    town has an improvement, by the composite index alone; where only some have one, the others
    get no rank."""
    compared = {name: air for name, air in towns.items() if air.improvement is not None}
    ranked = compared or towns
    keys = {}
    for name, air in ranked.items():
        first = 1 + sum(other.composite < air.composite for other in ranked.values())
        second = 1 + sum(
            (other.improvement or 0) > (air.improvement or 0) for other in ranked.values()
        )
        total = thresholds.composite * first + thresholds.change * second if compared else first
        keys[name] = (round(total, 9), air.composite)
    return {name: 1 + sum(other < key for other in keys.values()) for name, key in keys.items()}


def among_last(ranks: Mapping[str, int], last: int) -> frozenset[str]:
    """Towns that have fewer than `last` others behind them."""
    return frozenset(
        name for name, rank in ranks.items() if sum(other > rank for other in ranks.values()) < last
    )


def measure_after(months: int) -> Measure:
    return BY_MONTHS[min(months, len(BY_MONTHS) - 1)]


@dataclass(frozen=True)
class Account:
    """One town at the end of one month."""

    town: str
    air: Air | None
    rank: int | None
    last: bool
    streak: int
    """Months in a row, up to this one, among the last."""
    measure: Measure
    one_more: Measure
    """What one more month among the last would mean."""
    year_rank: int | None
    """Of the year so far, by the means of its months; None where a month is missing."""
    year_last: bool
    year_measure: Measure
    """Only of a whole year: none before December."""


def accounts(
    towns: Sequence[str],
    months: Mapping[CalendarMonth, Mapping[str, Air]],
    at: CalendarMonth,
    thresholds: Thresholds,
) -> tuple[Account, ...]:
    """Every town, in the order given."""
    ranks = {month: combined_ranks(air, thresholds) for month, air in months.items()}
    last = {month: among_last(found, thresholds.last_of_month) for month, found in ranks.items()}
    year = combined_ranks(_year_so_far(towns, months, at), thresholds)
    year_last = among_last(year, thresholds.last_of_year)
    found = []
    for town in towns:
        streak = 0
        while town in last.get(at.shifted(-streak), ()):
            streak += 1
        found.append(
            Account(
                town=town,
                air=months.get(at, {}).get(town),
                rank=ranks.get(at, {}).get(town),
                last=streak > 0,
                streak=streak,
                measure=measure_after(streak),
                one_more=measure_after(streak + 1),
                year_rank=year.get(town),
                year_last=town in year_last,
                year_measure=OF_THE_YEAR if at.number == 12 and town in year_last else NONE,
            )
        )
    return tuple(found)


def _year_so_far(
    towns: Sequence[str],
    months: Mapping[CalendarMonth, Mapping[str, Air]],
    at: CalendarMonth,
) -> dict[str, Air]:
    """The means of the year's months up to `at`, of the towns that have them all."""
    so_far = [months.get(CalendarMonth(at.year, n), {}) for n in range(1, at.number + 1)]
    found = {}
    for town in towns:
        airs = [month[town] for month in so_far if town in month]
        if len(airs) < len(so_far):
            continue
        changes = [air.improvement for air in airs if air.improvement is not None]
        found[town] = Air(
            composite=fsum(air.composite for air in airs) / len(airs),
            improvement=fsum(changes) / len(changes) if len(changes) == len(airs) else None,
        )
    return found
