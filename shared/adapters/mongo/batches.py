"""Batches in the gateway's database, in collections without a generation: no rebuild drops them.

The rows are written first, in parts under a name of the draft's own; the one document that bears
the number makes them a batch. Parts that no number names belong to a draw that failed or died.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from uuid import uuid4

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from shared.adapters.mongo.client import Database, Document
from shared.adapters.mongo.documents import plain
from shared.adapters.mongo.trouble import reaches, reaching
from shared.application.reports.batches import Batch, BatchRow
from shared.domain.moments import Clock

PART = 200
"""Rows a document: well below 16 MB whatever their texts."""
FORGOTTEN = timedelta(days=1)


class MongoBatches:
    """Implements Batches."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._batches = db["batches"]
        self._parts = db["batch_parts"]
        self._clock = clock
        self._indexed = False

    @reaches
    async def last_number(self) -> int:
        found = await self._batches.find_one({}, {"_id": 1}, sort=[("_id", DESCENDING)])
        return int(found["_id"]) if found else 0

    @reaches
    async def last_of(self, lines: tuple[str, ...]) -> Batch | None:
        found = await self._batches.find_one(
            {"batch.lines": list(lines)}, sort=[("_id", DESCENDING)]
        )
        return Batch.model_validate(found["batch"]) if found else None

    @reaches
    async def get(self, number: int) -> Batch | None:
        found = await self._batches.find_one({"_id": number})
        return Batch.model_validate(found["batch"]) if found else None

    @reaches
    async def by_command(self, command: str) -> tuple[Batch, str] | None:
        found = await self._batches.find_one({"command": command})
        return (Batch.model_validate(found["batch"]), found["digest"]) if found else None

    @reaches
    async def page(self, before: int | None, limit: int) -> list[Batch]:
        which: Document = {} if before is None else {"_id": {"$lt": before}}
        cursor = self._batches.find(which, sort=[("_id", DESCENDING)], limit=limit)
        return [Batch.model_validate(found["batch"]) for found in await cursor.to_list(limit)]

    async def rows(self, number: int) -> AsyncIterator[BatchRow]:
        with reaching():
            head = await self._batches.find_one({"_id": number}, {"draft": 1})
            if head is None:
                return
            cursor = self._parts.find({"draft": head["draft"]}, sort=[("part", ASCENDING)])
            async for part in cursor:
                for row in part["rows"]:
                    yield BatchRow.model_validate(row)

    @reaches
    async def add(self, batch: Batch, rows: Sequence[BatchRow], command: str, digest: str) -> bool:
        await self._ensure_indexes()
        draft, now = str(uuid4()), self._clock.now()
        for part, start in enumerate(range(0, len(rows), PART)):
            held = rows[start : start + PART]
            await self._parts.insert_one(
                {
                    "draft": draft,
                    "part": part,
                    "at": now,
                    "problems": [row.id for row in held],
                    "rows": [plain(row.model_dump()) for row in held],
                }
            )
        try:
            await self._batches.insert_one(
                {
                    "_id": batch.number,
                    "batch": plain(batch.model_dump()),
                    "command": command,
                    "digest": digest,
                    "draft": draft,
                }
            )
        except DuplicateKeyError:
            await self._parts.delete_many({"draft": draft})
            return False
        await self._forget_dead_drafts()
        return True

    @reaches
    async def numbers_of(self, problems: Sequence[str]) -> Mapping[str, int]:
        wanted = set(problems)
        found: dict[str, set[str]] = {}
        asked = sorted(wanted)
        for start in range(0, len(asked), 1000):
            some = asked[start : start + 1000]
            cursor = self._parts.find({"problems": {"$in": some}}, {"draft": 1, "problems": 1})
            async for part in cursor:
                found.setdefault(part["draft"], set()).update(wanted.intersection(part["problems"]))
        heads = self._batches.find({"draft": {"$in": list(found)}}, {"draft": 1})
        return {id_: int(head["_id"]) async for head in heads for id_ in found[head["draft"]]}

    async def _ensure_indexes(self) -> None:
        if self._indexed:
            return
        await self._batches.create_indexes(
            [
                IndexModel([("command", ASCENDING)], unique=True),
                IndexModel([("draft", ASCENDING)]),
                IndexModel([("batch.lines", ASCENDING), ("_id", DESCENDING)]),
            ]
        )
        await self._parts.create_indexes(
            [
                IndexModel([("draft", ASCENDING), ("part", ASCENDING)]),
                IndexModel([("problems", ASCENDING)]),
                IndexModel([("at", ASCENDING)]),
            ]
        )
        self._indexed = True

    async def _forget_dead_drafts(self) -> None:
        """Parts a day old without a number: whoever wrote them is gone."""
        old = {"at": {"$lt": self._clock.now() - FORGOTTEN}}
        drafts = await self._parts.distinct("draft", old)
        named = set(await self._batches.distinct("draft", {"draft": {"$in": drafts}}))
        if dead := [draft for draft in drafts if draft not in named]:
            await self._parts.delete_many({"draft": {"$in": dead}})
