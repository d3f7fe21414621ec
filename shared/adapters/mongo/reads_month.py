"""The problems of a month and their changes, streamed from the live generation.

Cost: one index scan over what was changed since the month began and one over what is open, in
batches of 200 problems, and for each batch one read of its changes since then. Memory holds one
batch. So a month costs by the problems that were in hand in it or touched since, never by all that
there ever were.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.adapters.mongo.client import Database, Document
from shared.adapters.mongo.documents import entry_of, history_id
from shared.adapters.mongo.trouble import reaching
from shared.domain.problem import OPEN, Problem
from shared.domain.work_score import FIELDS, Step

BATCH = 200
_CHANGES: Document = {"entry": 1, "at": 1, **{f"changed.{name}": 1 for name in FIELDS}}


class MongoMonthReads:
    """Implements MonthReads."""

    def __init__(self, db: Database, suffix: Callable[[], str]) -> None:
        self._db = db
        self._suffix = suffix

    async def of_month(
        self, begin: datetime, end: datetime
    ) -> AsyncIterator[tuple[Problem, Sequence[Step]]]:
        suffix = self._suffix()  # one generation from the first to the last
        which: Document = {
            "entry.kind": "problem",
            "entry.reported_at": {"$lt": end},
            "$or": [
                {"entry.updated_at": {"$gte": begin}},
                {"entry.status": {"$in": sorted(status.value for status in OPEN)}},
            ],
        }
        entries, held = self._db[f"entries{suffix}"], []
        with reaching():
            async for document in entries.find(which, {"entry": 1}, batch_size=BATCH):
                problem = entry_of(document)
                assert isinstance(problem, Problem)
                held.append(problem)
                if len(held) == BATCH:
                    for found in await self._with_steps(suffix, held, begin):
                        yield found
                    held = []
            for found in await self._with_steps(suffix, held, begin):
                yield found

    async def _with_steps(
        self, suffix: str, problems: Sequence[Problem], begin: datetime
    ) -> list[tuple[Problem, Sequence[Step]]]:
        # A change after the version that we hold is none of its past.
        ranges = [
            {"_id": {"$gt": history_id(p.id, 0), "$lte": history_id(p.id, p.version)}}
            for p in problems
            if p.updated_at >= begin
        ]
        steps: dict[str, list[Step]] = {}
        if ranges:
            # Moments stand there as text; without its zone the bound is below each of that second.
            since = begin.strftime("%Y-%m-%dT%H:%M:%S")
            cursor = self._db[f"history{suffix}"].find(
                {"$or": ranges, "at": {"$gte": since}}, _CHANGES, sort=[("_id", 1)]
            )
            async for change in cursor:
                steps.setdefault(change["entry"], []).append(_step(change))
        return [(problem, steps.get(problem.id, ())) for problem in problems]


def _step(change: Mapping[str, Any]) -> Step:
    return Step(datetime.fromisoformat(change["at"]), change.get("changed", {}))
