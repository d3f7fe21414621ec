"""Responsibilities as a pipeline, in the order of the plan."""

from datetime import date

from shared.adapters.mongo.client import Document
from shared.adapters.mongo.reads_plan_order import CLAUSE_ORDER
from shared.adapters.mongo.reads_problems import any_of
from shared.application.reads import ResponsibilityFilter, ResponsibilityStatus
from shared.domain.entry import Kind
from shared.domain.responsibility import Part


def responsibility_stages(which: ResponsibilityFilter, today: date) -> list[Document]:
    """Matching rows with `order` and `rank`: leads before shares before support."""
    rank = {"$indexOfArray": [[part.value for part in Part], "$entry.role"]}
    return [
        {"$match": {"$and": _match(which, today)}},
        {"$set": {"order": CLAUSE_ORDER, "rank": rank}},
    ]


def _match(which: ResponsibilityFilter, today: date) -> list[Document]:
    day = (which.as_of or today).isoformat()
    return [
        {"entry.kind": Kind.RESPONSIBILITY.value},
        *any_of("entry.line", which.lines),
        *any_of("entry.item", which.items),
        *any_of("entry.clause", which.clauses),
        *any_of("entry.department", which.departments),
        *any_of("entry.role", which.roles),
        *any_of("entry.town", which.towns),
        *({"find.tokens": token} for token in which.tokens),
        *([_term_on(day)] if which.as_of else ()),
        *([{"$or": [_standing(s, day) for s in which.statuses]}] if which.statuses else ()),
    ]


def _term_on(day: str) -> Document:
    """`Responsibility.term_on`: ISO days compare as text."""
    holds = {"since": {"$lte": day}, "$or": [{"until": None}, {"until": {"$gt": day}}]}
    return {"entry.terms": {"$elemMatch": holds}}


def _standing(status: ResponsibilityStatus, day: str) -> Document:
    begun: Document = {"entry.effective_from": {"$lte": day}}
    match status:
        case ResponsibilityStatus.UPCOMING:
            return {"entry.effective_from": {"$gt": day}}
        case ResponsibilityStatus.CURRENT:
            open_ended = [{"entry.effective_to": None}, {"entry.effective_to": {"$gt": day}}]
            return {**begun, "$or": open_ended}
        case ResponsibilityStatus.ENDED:
            return {**begun, "entry.effective_to": {"$lte": day}}
