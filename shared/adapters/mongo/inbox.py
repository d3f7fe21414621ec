"""Problems that any of several duties asks for, by the clock that ends first, as one paged list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.adapters.mongo.client import Collection, Document
from shared.adapters.mongo.documents import entry_of
from shared.adapters.mongo.reads_problems import problem_match
from shared.adapters.mongo.reads_ranges import position, ranges
from shared.adapters.mongo.trouble import reaches
from shared.application.reads import Page, Position, ProblemFilter, ProblemSort
from shared.domain.problem import Problem


@dataclass(frozen=True)
class Duty:
    """Problems that somebody must act on; `not_of` names a unit that must have no part in them."""

    which: ProblemFilter
    not_of: str | None = None
    sent_elsewhere: bool = False
    """Only those that were returned with the word that another line would be right."""
    asks: bool = False
    """Only those whose unit asked for more time."""


class MongoInbox:
    """Over the collection of entries that is live at the moment of each call."""

    def __init__(self, entries: Callable[[], Collection]) -> None:
        self._entries = entries

    @reaches
    async def due_first(
        self, duties: Sequence[Duty], now: datetime, limit: int, after: Position | None
    ) -> Page[Problem]:
        """Those whose clock ends first; without one, last. Raises Unavailable."""
        if not duties:
            return Page((), None)
        entries, match = self._entries(), {"$or": [_match(duty, now) for duty in duties]}
        found: list[Problem] = []
        ends: list[Position] = []
        for part in ranges(ProblemSort.NEXT_DUE, after):
            wanted = limit + 1 - len(found)
            cursor = entries.find(
                {"$and": [{"entry.kind": "problem"}, *part.conditions, match]},
                {"entry": 1},
                sort=part.sort,
                limit=wanted,
            )
            for document in await cursor.to_list(wanted):
                problem = entry_of(document)
                assert isinstance(problem, Problem)
                found.append(problem)
                ends.append(position(part, problem))
            if len(found) > limit:
                return Page(tuple(found[:limit]), ends[limit - 1])
        return Page(tuple(found), None)


def _match(duty: Duty, now: datetime) -> Document:
    conditions = problem_match(duty.which, now)
    if duty.not_of is not None:
        conditions += [{"find.units": {"$ne": duty.not_of}}]
        conditions += [{"entry.rectified_by": {"$ne": duty.not_of}}]
    if duty.sent_elsewhere:
        conditions += [{"entry.suggested_line": {"$type": "string"}}]
    if duty.asks:
        conditions += [{"entry.extension_request.due_at": {"$type": "date"}}]
    return {"$and": conditions}
