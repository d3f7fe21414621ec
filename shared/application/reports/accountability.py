"""The accountability report of a month: air rank, measures, and beside them the work score."""

from dataclasses import dataclass

from shared.application.reports.air import AirRankings, by_month
from shared.application.reports.ranking import Ranking, town_names
from shared.declaration.county.county import County
from shared.domain.accountability import Account, Thresholds, accounts
from shared.domain.calendar_month import CalendarMonth

MONTHS_BACK = 24
"""A row of bad months is followed back so far; the ladder itself ends at three."""


@dataclass(frozen=True)
class Accountability:
    month: CalendarMonth
    accounts: tuple[Account, ...]
    names: dict[str, str]
    work: dict[str, tuple[int | None, float]]
    """Town → (rank, score) by work; it stands beside the air's and is never mixed with it."""
    known: tuple[str, ...]
    """Months of the last year that have an air ranking."""
    thresholds: Thresholds


async def accountability(
    rankings: AirRankings, county: County, month: CalendarMonth, work: Ranking
) -> Accountability:
    """Towns by air rank, those without one last."""
    found = await rankings.between(str(month.shifted(1 - MONTHS_BACK)), str(month))
    thresholds = county.scores.accountability.thresholds()
    names = town_names(county)
    ranked = {row.town for each in found for row in each.rows}
    codes = [c for c in names if c in ranked or county.town(c) in county.towns]
    held = accounts(codes, by_month(found), month, thresholds)
    year = str(month.shifted(-11))
    return Accountability(
        month=month,
        accounts=tuple(sorted(held, key=lambda a: (a.rank is None, a.rank or 0, a.town))),
        names=names,
        work={row.code: (row.score.rank, row.score.value) for row in work.rows},
        known=tuple(each.month for each in found if each.month >= year),
        thresholds=thresholds,
    )
