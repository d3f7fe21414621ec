"""What would have been different, problem by problem."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.domain.problem import Problem, Severity

Kind = Literal["same", "different", "only_now", "only_other"]


@dataclass(frozen=True)
class Seen:
    """What a clerk would have had in front of them."""

    rule: str
    subject: str
    category: str
    title: str
    raised_at: datetime
    severity: Severity
    times: int
    """How often it was seen."""
    peak: float | None
    unit: str | None
    over_at: datetime | None
    """When the readings proved that it was over; None: they never did."""

    @property
    def judged(self) -> tuple[object, ...]:
        return (self.raised_at, self.severity, self.times, self.peak, self.over_at)


@dataclass(frozen=True)
class Pair:
    """One problem under both packs; one of the two may be missing, never both."""

    now: Seen | None
    other: Seen | None

    @property
    def kind(self) -> Kind:
        if self.now is None:
            return "only_other"
        if self.other is None:
            return "only_now"
        return "same" if self.now.judged == self.other.judged else "different"

    @property
    def first(self) -> Seen:
        seen = self.now or self.other
        assert seen is not None, "a pair has at least one side"
        return seen


def seen(problem: Problem) -> Seen:
    origin, sightings = problem.origin, problem.sightings
    peak = sightings.peak if sightings and sightings.peak else problem.reading
    return Seen(
        rule=origin.rule if origin else "",
        subject=origin.subject if origin else "",
        category=problem.category,
        title=problem.title,
        raised_at=problem.found_at,
        severity=problem.severity,
        times=sightings.count if sightings else 1,
        peak=peak.value if peak else None,
        unit=peak.unit if peak else None,
        over_at=problem.ready_since,
    )


def pairs(now: Iterable[Problem], other: Iterable[Problem]) -> list[Pair]:
    """Problems of the same subject and category belong together, the first to the first; in the
    order in which they were raised."""
    both: dict[tuple[str, str], tuple[list[Seen], list[Seen]]] = defaultdict(lambda: ([], []))
    for side, problems in enumerate((now, other)):
        for problem in problems:
            one = seen(problem)
            both[one.subject, one.category][side].append(one)
    found = [pair for sides in both.values() for pair in _zipped(*sides)]
    return sorted(found, key=lambda pair: (pair.first.raised_at, pair.first.subject))


def _zipped(now: list[Seen], other: list[Seen]) -> Iterator[Pair]:
    for side in (now, other):
        side.sort(key=lambda one: one.raised_at)
    for n in range(max(len(now), len(other))):
        yield Pair(now[n] if n < len(now) else None, other[n] if n < len(other) else None)
