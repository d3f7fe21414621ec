"""Reads over entry documents: a line's own, or the generation of the read model that is live."""

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from shared.adapters.mongo.client import Collection, Database, Document
from shared.adapters.mongo.documents import entry_of, history_id
from shared.adapters.mongo.reads_plan_order import page_stages
from shared.adapters.mongo.reads_problems import problem_match
from shared.adapters.mongo.reads_ranges import position, ranges
from shared.adapters.mongo.reads_responsibilities import responsibility_stages
from shared.adapters.mongo.reads_standing import standing
from shared.adapters.mongo.reads_tasks import task_stages
from shared.adapters.mongo.trouble import reaches
from shared.application.findable import CELL_FIELDS
from shared.application.ports import AnyEntry
from shared.application.reads import (
    Census,
    Page,
    Position,
    ProblemFilter,
    ProblemSort,
    ResponsibilityFilter,
    Standing,
    TaskFilter,
)
from shared.contract.messages import Change
from shared.domain.entry import Kind
from shared.domain.problem import Problem
from shared.domain.responsibility import Responsibility
from shared.domain.task import Task

E = TypeVar("E", Task, Responsibility)
_SHOWN: Document = {"entry": 1}
_COUNTED = ("line", "status", "severity", "town")


def _part(dimension: str) -> Document:
    """One dimension of a cell that was split into its parts."""
    return {"$arrayElemAt": ["$by", CELL_FIELDS.index(dimension)]}


class MongoReads:
    """Implements Reads.

    `suffix` names the collections at the moment of each call: nothing at a line, the live
    generation (`_3`) at the gateway.
    """

    def __init__(self, db: Database, suffix: Callable[[], str] = lambda: "") -> None:
        self._db = db
        self._suffix = suffix

    @property
    def _entries(self) -> Collection:
        return self._db[f"entries{self._suffix()}"]

    @reaches
    async def problems(
        self,
        which: ProblemFilter,
        sort: ProblemSort,
        now: datetime,
        limit: int,
        after: Position | None = None,
    ) -> Page[Problem]:
        entries, match = self._entries, problem_match(which, now)
        found: list[Problem] = []
        ends: list[Position] = []
        for part in ranges(sort, after):
            wanted = limit + 1 - len(found)
            cursor = entries.find(
                {"$and": [*match, *part.conditions]}, _SHOWN, sort=part.sort, limit=wanted
            )
            for document in await cursor.to_list(wanted):
                problem = entry_of(document)
                assert isinstance(problem, Problem)
                found.append(problem)
                ends.append(position(part, problem))
            if len(found) > limit:
                return Page(tuple(found[:limit]), ends[limit - 1])
        return Page(tuple(found), None)

    @reaches
    async def count_problems(self, which: ProblemFilter, now: datetime) -> int:
        return await self._entries.count_documents({"$and": problem_match(which, now)})

    @reaches
    async def tasks(
        self, which: TaskFilter, today: date, limit: int, after: Position | None = None
    ) -> Page[Task]:
        return await self._page(Task, task_stages(which, today), limit, after)

    @reaches
    async def count_tasks(self, which: TaskFilter, today: date) -> int:
        return await self._count(task_stages(which, today))

    @reaches
    async def responsibilities(
        self, which: ResponsibilityFilter, today: date, limit: int, after: Position | None = None
    ) -> Page[Responsibility]:
        stages = responsibility_stages(which, today)
        return await self._page(Responsibility, stages, limit, after)

    @reaches
    async def count_responsibilities(self, which: ResponsibilityFilter, today: date) -> int:
        return await self._count(responsibility_stages(which, today))

    async def _page(
        self, kind: type[E], stages: list[Document], limit: int, after: Position | None
    ) -> Page[E]:
        cursor = self._entries.aggregate([*stages, *page_stages(after, limit + 1)])
        documents = await cursor.to_list(limit + 1)
        items = []
        for document in documents[:limit]:
            entry = entry_of(document)
            assert isinstance(entry, kind)
            items.append(entry)
        if len(documents) <= limit:
            return Page(tuple(items), None)
        last = documents[limit - 1]
        return Page(tuple(items), (last["order"], last["rank"], last["_id"]))

    async def _count(self, stages: list[Document]) -> int:
        found = await self._entries.aggregate([*stages, {"$count": "n"}]).to_list(1)
        return int(found[0]["n"]) if found else 0

    @reaches
    async def entry(self, kind: Kind, entry_id: str) -> AnyEntry | None:
        document = await self._entries.find_one({"_id": entry_id, "entry.kind": kind.value}, _SHOWN)
        return entry_of(document) if document is not None else None

    @reaches
    async def history(self, entry_id: str, after_version: int, limit: int) -> list[Change]:
        suffix = self._suffix()
        # The document first: what the relay files and clears meanwhile is then met at least once.
        document = await self._db[f"entries{suffix}"].find_one(
            {"_id": entry_id}, {"entry.version": 1, "outbox.change": 1}
        )
        if document is None:
            return []
        # A change newer than the document may be filed before the one ahead of it: no gaps.
        upto = history_id(entry_id, document["entry"]["version"])
        filed = self._db[f"history{suffix}"].find(
            {"_id": {"$gt": history_id(entry_id, after_version), "$lte": upto}},
            sort=[("_id", 1)],
            limit=limit,
        )
        by_version = {raw["version"]: raw for raw in await filed.to_list(limit)}
        for item in document.get("outbox", ()):
            if item.get("change") and item["change"]["version"] > after_version:
                by_version.setdefault(item["change"]["version"], item["change"])
        return [Change.model_validate(by_version[v]) for v in sorted(by_version)[:limit]]

    @reaches
    async def standing(self, now: datetime) -> Standing:
        return await standing(self._entries, now)

    @reaches
    async def census(self, now: datetime) -> Census:
        # The cell names what is asked for, so the index alone answers. Closed problems have nearly a
        # cell each (by their day), so the cells are put together over there, not here.
        cells = self._entries.aggregate(
            [
                {"$match": {"find.cell": {"$gte": ""}}},
                {"$group": {"_id": "$find.cell", "n": {"$sum": 1}}},
                {"$project": {"n": 1, "by": {"$split": ["$_id", "|"]}}},
                {"$group": {"_id": [_part(name) for name in _COUNTED], "n": {"$sum": "$n"}}},
            ]
        )
        problems = {tuple(each["_id"]): each["n"] async for each in cells}
        late = self._entries.aggregate(
            [
                {"$match": {"$and": problem_match(ProblemFilter(overdue=True), now)}},
                {
                    "$group": {
                        "_id": {"line": "$entry.line", "town": {"$ifNull": ["$entry.town", ""]}},
                        "n": {"$sum": 1},
                    }
                },
            ]
        )
        overdue = {(each["_id"]["line"], each["_id"]["town"]): each["n"] async for each in late}
        return Census(problems, overdue)
