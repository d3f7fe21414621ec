"""An order of problems as index ranges, so that every page starts by a seek.

An order is a row of stretches: problems with a due time before those without, the general before
the serious. Within a stretch a moment orders them, and the id where moments are equal. A position
cuts the rest of its stretch in two ranges (the same moment and a later id; later moments), each of
which is one scan of an index.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pymongo import ASCENDING, DESCENDING

from shared.adapters.mongo.client import Document
from shared.application.reads import Position, ProblemSort
from shared.domain.problem import Problem, Severity

_REPORTED, _DUE, _UPDATED = "entry.reported_at", "entry.due_at", "entry.updated_at"
_NEXT_DUE = "find.next_due_at"
_HAS_DUE: Document = {_DUE: {"$type": "date"}}
_NO_DUE: Document = {_DUE: None}


@dataclass(frozen=True)
class Stretch:
    """`field`: its path in the document; its last part is the problem's own name for it."""

    condition: Document
    field: str
    direction: int


@dataclass(frozen=True)
class Range:
    """One index scan: `stretch` is its place in the order."""

    stretch: int
    conditions: list[Document]
    sort: list[tuple[str, int]]
    field: str


def _severities(*order: Severity) -> tuple[Stretch, ...]:
    """Within one severity the newest come first, whichever way severities run."""
    return tuple(Stretch({"entry.severity": s.value}, _REPORTED, DESCENDING) for s in order)


_GENERAL_FIRST = (Severity.GENERAL, Severity.SERIOUS, Severity.CRITICAL)
# No index of its own: few problems stay without a due time, and they come at the end of the list.
_WITHOUT_DUE = Stretch(_NO_DUE, _REPORTED, DESCENDING)
_ORDERS: dict[ProblemSort, tuple[Stretch, ...]] = {
    ProblemSort.NEWEST: (Stretch({}, _REPORTED, DESCENDING),),
    ProblemSort.OLDEST: (Stretch({}, _REPORTED, ASCENDING),),
    ProblemSort.DUE_FIRST: (Stretch(_HAS_DUE, _DUE, ASCENDING), _WITHOUT_DUE),
    ProblemSort.NEXT_DUE: (
        Stretch({_NEXT_DUE: {"$type": "date"}}, _NEXT_DUE, ASCENDING),
        Stretch({_NEXT_DUE: None}, _REPORTED, DESCENDING),
    ),
    ProblemSort.DUE_LAST: (Stretch(_HAS_DUE, _DUE, DESCENDING), _WITHOUT_DUE),
    ProblemSort.MILDEST: _severities(*_GENERAL_FIRST),
    ProblemSort.GRAVEST: _severities(*reversed(_GENERAL_FIRST)),
    ProblemSort.LEAST_RECENT: (Stretch({}, _UPDATED, ASCENDING),),
    ProblemSort.MOST_RECENT: (Stretch({}, _UPDATED, DESCENDING),),
}


def ranges(order: ProblemSort, after: Position | None) -> Iterator[Range]:
    """The scans that give the rest of the order, one after the other."""
    stretches = _ORDERS[order]
    first = 0
    if after is not None:
        number, moment, entry_id = after
        assert isinstance(number, int) and isinstance(moment, datetime)
        stretch, field = stretches[number], stretches[number].field
        beyond = "$gt" if stretch.direction == ASCENDING else "$lt"
        yield _range(number, stretch, {field: moment, "_id": {beyond: entry_id}})
        yield _range(number, stretch, {field: {beyond: moment}})
        first = number + 1
    for number, stretch in enumerate(stretches[first:], first):
        yield _range(number, stretch, {})


def _range(number: int, stretch: Stretch, bounds: Document) -> Range:
    return Range(
        stretch=number,
        conditions=[condition for condition in (stretch.condition, bounds) if condition],
        sort=[(stretch.field, stretch.direction), ("_id", stretch.direction)],
        field=stretch.field,
    )


def position(found: Range, problem: Problem) -> Position:
    """Where a page that ends with `problem`, met in `found`, goes on."""
    return (found.stretch, getattr(problem, found.field.rpartition(".")[2]), problem.id)
