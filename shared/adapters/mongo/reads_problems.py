"""A filter on problems as a MongoDB match."""

from collections.abc import Sequence
from datetime import datetime

from shared.adapters.mongo.client import Document
from shared.application.reads import ProblemFilter
from shared.domain.entry import Kind


def any_of(field: str, values: Sequence[str]) -> list[Document]:
    """The condition that a field has one of the values; none when there are no values."""
    return [{field: {"$in": [str(value) for value in values]}}] if values else []


def problem_match(which: ProblemFilter, now: datetime) -> list[Document]:
    """Conditions that must all hold."""
    return [
        {"entry.kind": Kind.PROBLEM.value},
        *any_of("_id", which.ids),
        *any_of("entry.number", which.numbers),
        *any_of("entry.line", which.lines),
        *any_of("entry.status", which.statuses),
        *any_of("entry.severity", which.severities),
        *any_of("entry.town", which.towns),
        *any_of("entry.unit", which.departments),
        *any_of("find.units", which.units),
        *any_of("entry.category", which.categories),
        *any_of("entry.source", which.sources),
        *any_of("entry.clause", which.clauses),
        *({"find.tokens": token} for token in which.tokens),
        *_overdue(which.overdue, now),
        *any_of("entry.escalation.level", which.levels),
        *_recurring(which.recurring),
        *([{"find.open": which.open}] if which.open is not None else ()),
        *_times(which),
        *_within(which),
    ]


def _overdue(wanted: bool | None, now: datetime) -> list[Document]:
    """`Problem.is_overdue`, asked of the index."""
    if wanted is None:
        return []
    if wanted:
        return [{"find.timed": True, "entry.due_at": {"$lt": now}}]
    in_time = [{"find.timed": False}, {"entry.due_at": None}, {"entry.due_at": {"$gte": now}}]
    return [{"$or": in_time}]


def _times(which: ProblemFilter) -> list[Document]:
    bounds = (
        ("entry.reported_at", "$gte", which.reported_from),
        ("entry.reported_at", "$lt", which.reported_before),
        ("entry.updated_at", "$gte", which.updated_since),
        ("entry.closed_at", "$gte", which.closed_from),
        ("entry.closed_at", "$lt", which.closed_before),
    )
    return [{field: {operator: at}} for field, operator, at in bounds if at is not None]


def _recurring(wanted: bool | None) -> list[Document]:
    if wanted is None:
        return []
    came_back: Document = {
        "$or": [{"entry.reopened": {"$gt": 0}}, {"entry.recurrence.within_90": {"$gt": 0}}]
    }
    return [came_back if wanted else {"$nor": [came_back]}]


def _within(which: ProblemFilter) -> list[Document]:
    box = which.within
    if box is None:
        return []
    return [
        {
            "entry.location.lon": {"$gte": box.west, "$lte": box.east},
            "entry.location.lat": {"$gte": box.south, "$lte": box.north},
        }
    ]
