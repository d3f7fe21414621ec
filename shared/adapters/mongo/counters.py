"""Counts that are always absolute: a cell is recounted by index, never incremented.

Before entries are written, the cells that they leave and enter are marked; after it they are
recounted and the marks taken away. A writer that dies in between leaves its mark, and the mark
says what has to be recounted. Each recount draws a rising number after its write and before its
count, and stores only over a lower one: the highest has seen every write.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from collections.abc import Collection as Many
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ReturnDocument, UpdateOne

from shared.adapters.mongo.bulk import upsert_all
from shared.adapters.mongo.client import Database, Document
from shared.adapters.mongo.generations import MARKED
from shared.adapters.mongo.trouble import reaches
from shared.application.findable import CELL_FIELDS
from shared.domain.moments import Clock
from shared.domain.problem import Status

HOUR_MS = 3_600_000
GIVEN_UP = timedelta(minutes=1)
"""Longer than any write that was cut off from us can still take at the database."""
FORGOTTEN = timedelta(days=1)
"""A mark of another replica is older than any pause of a process after this."""
_NUMBER = "#recounts"
_STATUS = CELL_FIELDS.index("status")


def dimensions(cell: str) -> dict[str, str]:
    return dict(zip(CELL_FIELDS, cell.split("|"), strict=True))


@dataclass
class Count:
    """What one cell holds. `hours` (whole hours from report to closing → problems), `timely`
    (closed by the due time, or without one) are kept for closed problems only."""

    count: int = 0
    timely: int = 0
    hours: dict[int, int] = field(default_factory=dict)


class Marker:
    """Whose marks these are: a replica, this run of it, when each was set, and its number."""

    def __init__(self, replica: str, run: str) -> None:
        self._replica = replica
        self._run = run
        self._count = 0
        self._active: set[str] = set()

    @contextmanager
    def new(self, now: datetime) -> Iterator[str]:
        """A mark that is in use inside the block."""
        self._count += 1
        mark = f"{self._replica}|{self._run}|{int(now.timestamp() * 1000)}|{self._count}"
        self._active.add(mark)
        try:
            yield mark
        finally:
            self._active.discard(mark)

    def may_clear(self, mark: str, now: datetime) -> bool:
        """Whether what this mark announced is written by now, or never will be.

        True for an earlier run of this replica, which is dead; for a write of this run that
        failed so long ago that the database has given it up; and for forgotten ones.
        """
        replica, run, at, _ = mark.split("|")
        age = now - datetime.fromtimestamp(int(at) / 1000, UTC)
        if replica == self._replica and run != self._run:
            return True
        if replica == self._replica:
            return mark not in self._active and age > GIVEN_UP
        return age > FORGOTTEN


class Counters:
    """The cells of one generation. All methods raise Unavailable."""

    def __init__(self, db: Database, generation: int, marker: Marker, clock: Clock) -> None:
        self._entries = db[f"entries_{generation}"]
        self._cells = db[f"cells_{generation}"]
        self._marker = marker
        self._clock = clock

    @asynccontextmanager
    async def changing(self, cells: Many[str]) -> AsyncIterator[None]:
        """Around a write to entries that leave or enter these cells: marked before, counted after.

        Where the block fails its effect is unknown, so the marks stay for `recount_marked`.
        """
        if not cells:
            yield
            return
        with self._marker.new(self._clock.now()) as mark:
            await self._mark(cells, mark)
            yield
            await self._recount(cells, [mark])

    @reaches
    async def _mark(self, cells: Many[str], mark: str) -> None:
        await upsert_all(
            self._cells,
            [
                (
                    {"_id": cell},
                    {
                        "$addToSet": {"marks": mark},
                        "$setOnInsert": {"number": 0, "count": 0, "by": dimensions(cell)},
                    },
                )
                for cell in cells
            ],
        )

    @reaches
    async def _recount(self, cells: Many[str], marks: Many[str]) -> None:
        """Count these cells as they are now, and take these marks from them."""
        number = await self._draw()
        counts = await self._count(cells)
        operations = [
            UpdateOne({"_id": cell}, _stored(counts.get(cell, Count()), number, list(marks)))
            for cell in cells
        ]
        await self._cells.bulk_write(operations, ordered=False)

    @reaches
    async def recount_marked(self) -> int:
        """Recount what some writer left marked; how many cells that were."""
        now = self._clock.now()
        left = [cell async for cell in self._cells.find(MARKED, {"marks": 1})]
        # The marks were read before the recount: whatever they announced is either written or dead.
        for start in range(0, len(left), 500):
            part = left[start : start + 500]
            held = {mark for cell in part for mark in cell["marks"]}
            clear = [mark for mark in held if self._marker.may_clear(mark, now)]
            await self._recount([cell["_id"] for cell in part], clear)
        return len(left)

    @reaches
    async def sums(self, by: Iterable[str], where: Mapping[str, Any]) -> list[Document]:
        """Cells summed by these dimensions: `{_id: {dimension: value}, statuses…}` rows.

        Each row is {by: {…}, status, count, timely, hours: [[[hour, problems], …], …]}.
        """
        group = {name: f"$by.{name}" for name in by}
        pipeline: list[Document] = [
            {"$match": {"count": {"$gt": 0}, **{f"by.{k}": v for k, v in where.items()}}},
            {
                "$group": {
                    "_id": {"by": group, "status": "$by.status"},
                    "count": {"$sum": "$count"},
                    "timely": {"$sum": "$timely"},
                    "hours": {"$push": "$hours"},
                }
            },
        ]
        return [
            {**row["_id"], **{name: row[name] for name in ("count", "timely", "hours")}}
            async for row in self._cells.aggregate(pipeline, allowDiskUse=True)
        ]

    @reaches
    async def counts(self, by: Iterable[str]) -> list[tuple[Document, int]]:
        """({dimension: value}, problems) for every combination that holds any."""
        pipeline: list[Document] = [
            {"$match": {"count": {"$gt": 0}}},
            {"$group": {"_id": {name: f"$by.{name}" for name in by}, "n": {"$sum": "$count"}}},
        ]
        return [(row["_id"], row["n"]) async for row in self._cells.aggregate(pipeline)]

    @reaches
    async def overdue(self, now: datetime) -> dict[str, int]:
        """Cell → problems whose due time has passed; evaluated now, by index."""
        late = {
            "entry.kind": "problem",
            "find.timed": True,
            "entry.due_at": {"$gt": datetime.min.replace(tzinfo=now.tzinfo), "$lt": now},
        }
        pipeline: list[Document] = [
            {"$match": late},
            {"$group": {"_id": "$find.cell", "n": {"$sum": 1}}},
        ]
        return {row["_id"]: row["n"] async for row in self._entries.aggregate(pipeline)}

    async def _draw(self) -> int:
        drawn = await self._cells.find_one_and_update(
            {"_id": _NUMBER},
            {"$inc": {"drawn": 1}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return int(drawn["drawn"])

    async def _count(self, cells: Many[str]) -> dict[str, Count]:
        closed = [c for c in cells if c.split("|")[_STATUS] == Status.CLOSED]
        others = [c for c in cells if c.split("|")[_STATUS] != Status.CLOSED]
        counts: dict[str, Count] = {}
        if others:
            async for row in self._entries.aggregate(_plainly(others), hint="find.cell_1"):
                counts[row["_id"]] = Count(row["n"])
        if closed:
            async for row in self._entries.aggregate(_with_hours(closed)):
                key = row["_id"]
                found = counts.setdefault(key["cell"], Count())
                found.count += row["n"]
                found.timely += row["n"] if key["timely"] else 0
                hour = int(key["hour"])
                found.hours[hour] = found.hours.get(hour, 0) + row["n"]
        return counts


def _stored(found: Count, number: int, marks: list[str]) -> list[Document]:
    """The update that stores a count over a lower number only, and takes the marks in any case."""
    newer = {"$lt": ["$number", number]}
    values = {
        "number": number,
        "count": found.count,
        "timely": found.timely,
        "hours": [[hour, found.hours[hour]] for hour in sorted(found.hours)],
    }
    fields: Document = {
        name: {"$cond": [newer, {"$literal": value}, f"${name}"]} for name, value in values.items()
    }
    return [{"$set": {**fields, "marks": {"$setDifference": ["$marks", marks]}}}]


def _plainly(cells: list[str]) -> list[Document]:
    """Answered from the index alone."""
    return [
        {"$match": {"find.cell": {"$in": cells}}},
        {"$group": {"_id": "$find.cell", "n": {"$sum": 1}}},
    ]


def _with_hours(cells: list[str]) -> list[Document]:
    took = {"$subtract": ["$entry.closed_at", "$entry.reported_at"]}
    timely = {
        "$or": [
            {"$eq": ["$entry.due_at", None]},
            # The inspector's time is not the unit's.
            {"$lte": [{"$ifNull": ["$entry.submitted_at", "$entry.closed_at"]}, "$entry.due_at"]},
        ]
    }
    key = {
        "cell": "$find.cell",
        "hour": {"$floor": {"$divide": [took, HOUR_MS]}},
        "timely": timely,
    }
    return [
        {"$match": {"find.cell": {"$in": cells}}},
        {"$group": {"_id": key, "n": {"$sum": 1}}},
    ]
