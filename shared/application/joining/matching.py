"""To which of a line's problems a finding belongs: a pure function of what is known of them.

By place where the finding has a reach and a position: the nearest open problem of its category
within the larger of both reaches, in metres and in hours. Otherwise by key: the open one of the
same category and subject. Where none is open, what it was merged into counts; then one that moved
to another line; then one that was closed not long ago, which it takes up again (反弹).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.application.joining.collected import ByProblem
from shared.domain.finding import Finding
from shared.domain.geo import Point, distance_m
from shared.domain.problem import OPEN, Problem, Status
from shared.domain.problem_sightings import seen

MERGES_FOLLOWED = 10


@dataclass(frozen=True)
class Candidate:
    """A problem with all that was seen of it, also what it was not told yet (UTC)."""

    problem: Problem
    first_at: datetime
    last_at: datetime

    @property
    def place(self) -> Point | None:
        where = self.problem.location
        return (
            Point(where.lon, where.lat) if where.lon is not None and where.lat is not None else None
        )


@dataclass(frozen=True)
class Choice:
    """`late`: it was seen before what is closed now was seen last, so it says nothing new."""

    how: Literal["join", "elsewhere", "relapse", "late"]
    problem: Problem


def place_of(finding: Finding) -> Point | None:
    """The position by which it is joined; None where it is joined by its key."""
    if finding.reach is None or finding.lon is None or finding.lat is None:
        return None
    return Point(finding.lon, finding.lat)


def key_of(finding: Finding) -> str:
    """The key of a problem that it raises."""
    if place_of(finding) is not None:
        return finding.category
    return f"{finding.category}:{finding.subject}"


def candidate(problem: Problem, collected: ByProblem) -> Candidate:
    waiting = collected.get(problem.id)
    for body in waiting.bodies() if waiting else ():
        problem = problem.model_copy(update=seen(problem, body))
    told = problem.sightings
    first_at = told.first_at if told else problem.found_at
    last_at = told.last_at if told else problem.found_at
    if waiting and waiting.last_at:
        last_at = max(last_at, waiting.last_at)
    return Candidate(problem, first_at, last_at)


def choose(
    finding: Finding, candidates: Mapping[str, Candidate], reopen: timedelta
) -> Choice | None:
    """None: it is a new problem. `candidates` by id, with those that others were merged into;
    `reopen`: how long after its closing a problem is taken up again."""
    found = sorted(_choices(finding, candidates, reopen), key=lambda each: each[0])
    return found[0][1] if found else None


_Rank = tuple[int, float, float, str]
"""Open before the rest, near before far, then the oldest open and the newest ended; then any."""


def _choices(
    finding: Finding, candidates: Mapping[str, Candidate], reopen: timedelta
) -> Iterable[tuple[_Rank, Choice]]:
    for each in candidates.values():
        end = _end_of_merges(each, candidates)
        away = _away(finding, each, end)
        if end is None or away is None:
            continue
        problem = end.problem
        if problem.status in OPEN:
            choice, rank = Choice("join", problem), 0 if end is each else 1
            order = problem.reported_at.timestamp()
        elif problem.status is Status.MOVED and finding.seen_at - problem.updated_at <= reopen:
            choice, rank = Choice("elsewhere", problem), 2
            order = -problem.updated_at.timestamp()
        elif problem.closed_at is not None and finding.seen_at - problem.closed_at <= reopen:
            old = finding.seen_at <= end.last_at
            choice, rank = Choice("late" if old else "relapse", problem), 3
            order = -problem.closed_at.timestamp()
        else:
            continue
        yield (rank, away, order, problem.id), choice


def _end_of_merges(each: Candidate, all_: Mapping[str, Candidate]) -> Candidate | None:
    end: Candidate | None = each
    for _ in range(MERGES_FOLLOWED):
        if end is None or end.problem.status is not Status.MERGED:
            return end
        end = all_.get(end.problem.merged_into or "")
    return None


def _away(finding: Finding, each: Candidate, end: Candidate | None) -> float | None:
    """Metres between the finding and the problem it belongs to, 0 by key; None: it does not.

    The place is that of `each`, the time that of what it was merged into.
    """
    problem = each.problem
    if end is None or problem.category != finding.category:
        return None
    here, there = place_of(finding), each.place
    if here is None:
        same = problem.origin is not None and problem.origin.key == key_of(finding)
        return 0.0 if same else None
    if there is None or finding.reach is None:
        return None
    reaches = [finding.reach, *([problem.reach] if problem.reach else [])]
    away = distance_m(here, there)
    if away > max(reach.metres for reach in reaches):
        return None
    hours = timedelta(hours=max(reach.hours for reach in reaches))
    if end.problem.status is Status.CLOSED:
        return away  # how long ago it may be is the county's to say
    return away if end.first_at - hours <= finding.seen_at <= end.last_at + hours else None
