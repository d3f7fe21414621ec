"""Sightings on their way to problems: one document a problem in `sightings`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from shared.adapters.mongo.client import Database, Document
from shared.adapters.mongo.documents import plain
from shared.adapters.mongo.indexes import SIGHTINGS_DUE
from shared.adapters.mongo.trouble import reaches
from shared.application.joining.collected import Collected
from shared.domain.moments import Clock


class MongoSightings:
    """Implements Sightings. Documents in which nothing waits run out after a quarter of a year,
    long after the receipts of the commands whose numbers they count."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._sightings = db.sightings
        self._clock = clock

    @reaches
    async def of(self, problems: Sequence[str]) -> Mapping[str, Collected]:
        if not problems:
            return {}
        found = self._sightings.find({"_id": {"$in": list(problems)}})
        return {
            document["_id"]: Collected.model_validate({**document, "problem": document["_id"]})
            async for document in found
        }

    @reaches
    async def save(self, collected: Collected) -> bool:
        document: Document = plain(collected.stored().model_dump(mode="python"))
        document["_id"] = document.pop("problem")
        document["idle_since"] = None if collected.due_at else self._clock.now()
        if collected.revision == 0:
            try:
                await self._sightings.insert_one(document)
            except DuplicateKeyError:
                return False
            return True
        guard = {"_id": document["_id"], "revision": collected.revision}
        done = await self._sightings.replace_one(guard, document)
        return bool(done.matched_count)

    @reaches
    async def due(self, now: datetime, limit: int) -> Sequence[str]:
        found = self._sightings.find(
            {"due_at": {"$lte": now}}, {"_id": 1}, sort=[("due_at", 1)], limit=limit,
            hint=SIGHTINGS_DUE,
        )  # fmt: skip
        return [document["_id"] async for document in found]

    @reaches
    async def next_due(self) -> datetime | None:
        # Any date is above the lowest one; null is no date.
        first = await self._sightings.find_one(
            {"due_at": {"$gt": datetime.min}}, {"due_at": 1}, sort=[("due_at", 1)],
            hint=SIGHTINGS_DUE,
        )  # fmt: skip
        due_at: datetime | None = first["due_at"] if first else None
        return due_at
