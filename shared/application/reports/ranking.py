"""The monthly work ranking of towns or lines: every problem of the month, counted once."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.declaration.county.county import County
from shared.domain.calendar_month import CalendarMonth
from shared.domain.problem import Problem
from shared.domain.work_score import By, Score, Step, Tallies, Tally, Weights, scored, spells


class MonthReads(Protocol):
    """What a month's score is made from."""

    def of_month(
        self, begin: datetime, end: datetime
    ) -> AsyncIterator[tuple[Problem, Sequence[Step]]]:
        """At least every problem that was in hand or reported in [begin, end), each once, with all
        its changes since `begin`, the latest last. Raises Unavailable."""
        ...


@dataclass(frozen=True)
class Row:
    code: str
    name: str
    score: Score
    apart: bool
    """The coordinator's desk: it is no eleventh line, and has no rank."""


@dataclass(frozen=True)
class Ranking:
    month: CalendarMonth
    by: By
    until: datetime
    """Up to when (exclusive) it is reckoned: the month's end, or now."""
    running: bool
    rows: tuple[Row, ...]
    guessed: int
    nowhere: int
    weights: Weights


def town_names(county: County) -> dict[str, str]:
    """Of towns and parks, by the codes that entries carry."""
    towns = {town.code: town.name for town in county.towns}
    return towns | {park.code: park.name for park in county.parks}


async def work_ranking(
    reads: MonthReads, county: County, month: CalendarMonth, by: By, now: datetime
) -> Ranking:
    """Every town and park, or every line and the desk; also those without a problem."""
    weights = county.scores.work_score.weights()
    until = min(month.end, now)
    tallies = Tallies(by, weights)
    async for problem, steps in reads.of_month(month.begin, until):
        tallies.add(problem, spells(problem, steps, month.begin, until), month.begin)
    if by is By.TOWN:
        names = town_names(county)
        twelve = {town.code12: town.code for town in county.towns}
        groups: dict[str, Tally] = {}
        for code, tally in tallies.groups.items():
            groups.setdefault(twelve.get(code, code), Tally()).add(tally)
        desk = Tally()
    else:
        names = {line.key: line.name for line in county.lines}
        groups = dict(tallies.groups)
        desk = groups.pop(county.desk.key, Tally())
    found = scored({code: Tally() for code in names} | groups, weights)
    rows = [Row(s.group, names.get(s.group, s.group), s, False) for s in found]
    if by is By.LINE:
        (alone,) = scored({county.desk.key: desk}, weights)
        rows.append(Row(county.desk.key, county.desk.name, alone, True))
    return Ranking(
        month=month,
        by=by,
        until=until,
        running=now < month.end,
        rows=tuple(rows),
        guessed=tallies.guessed,
        nowhere=tallies.nowhere,
        weights=weights,
    )
