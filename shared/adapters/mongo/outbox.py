"""The relay's side of the entries: what waits in their outboxes, filed and then cleared."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from pymongo import UpdateOne

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.documents import waiting_from
from shared.adapters.mongo.filing import file_away
from shared.adapters.mongo.indexes import OUTBOX_INDEX, WAITS
from shared.adapters.mongo.trouble import reaches
from shared.application.ports import Waiting
from shared.domain.moments import Clock

ITEMS_A_DOCUMENT = 50
"""So that one entry with a full outbox does not keep the others waiting."""


class MongoOutbox:
    """Implements Outbox. Every method raises Unavailable when the database did not confirm."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    @reaches
    async def waiting(self, limit: int) -> list[Waiting]:
        if limit < 1:
            return []
        cursor = self._db.entries.find(
            WAITS,
            {"outbox": {"$slice": min(limit, ITEMS_A_DOCUMENT)}, "entry": 0, "find": 0},
            sort=[("outbox.at", 1)],
            limit=limit,
            hint=OUTBOX_INDEX,
        )
        found: list[Waiting] = []
        try:
            async for document in cursor:
                found.extend(waiting_from(document["_id"], item) for item in document["outbox"])
                if len(found) >= limit:
                    break
        finally:
            await cursor.close()
        return found[:limit]

    @reaches
    async def file(self, items: Sequence[Waiting]) -> None:
        await file_away(
            self._db,
            [item.outgoing.change for item in items if item.outgoing.change is not None],
            [item.outgoing.answer for item in items],
            self._clock.now(),
        )

    @reaches
    async def clear(self, items: Sequence[Waiting]) -> None:
        revisions: dict[str, list[int]] = defaultdict(list)
        for item in items:
            revisions[item.entry_id].append(item.revision)
        if not revisions:
            return
        # `revision` of the document stays: a handler's guard is about decisions, not about us.
        await self._db.entries.bulk_write(
            [
                UpdateOne({"_id": entry_id}, {"$pull": {"outbox": {"revision": {"$in": named}}}})
                for entry_id, named in revisions.items()
            ],
            ordered=False,
        )

    @reaches
    async def backlog(self, limit: int) -> tuple[int, datetime | None]:
        oldest = await self._db.entries.find_one(
            WAITS,
            {"outbox.at": 1},
            sort=[("outbox.at", 1)],
            hint=OUTBOX_INDEX,
        )
        if oldest is None:
            return 0, None
        count = await self._db.entries.count_documents(WAITS, limit=limit, hint=OUTBOX_INDEX)
        return count, min(item["at"] for item in oldest["outbox"])
