"""Raw signals in MongoDB, each under its CloudEvents source and id, kept for the county's days."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from pymongo import ASCENDING, IndexModel
from pymongo.errors import BulkWriteError

from shared.adapters.mongo.client import Database, Document
from shared.adapters.mongo.trouble import is_passing, reaches
from shared.application.signals.ports import Taken
from shared.domain.moments import Clock

DAY_SECONDS = 86_400
_DUPLICATE = 11000
KEPT_AT = "kept_at_ttl"


class MongoSignals:
    """Implements SignalStore over the collection `signals` of a line's database."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    @reaches
    async def keep(self, taken: Sequence[Taken]) -> set[int]:
        if not taken:
            return set()
        now = self._clock.now()
        try:
            await self._db.signals.insert_many([_document(t, now) for t in taken], ordered=False)
        except BulkWriteError as error:
            failed = (error.details or {}).get("writeErrors", [])
            if is_passing(error) or {each["code"] for each in failed} != {_DUPLICATE}:
                raise
            return await self._copies(taken, [each["index"] for each in failed])
        return set()

    async def _copies(self, taken: Sequence[Taken], there: Sequence[int]) -> set[int]:
        """Of those that are there already: a redelivery stands at its own place, a copy at another."""
        ids = [_id(taken[index]) for index in there]
        found = self._db.signals.find({"_id": {"$in": ids}}, {"at": 1, "offset": 1})
        places = {raw["_id"]: (raw["at"], raw["offset"]) async for raw in found}
        return {
            index
            for index in there
            if places.get(_id(taken[index])) != (taken[index].at, taken[index].offset)
        }

    @reaches
    async def ensure(self, keep_days: int) -> None:
        """The indexes, and how long signals are kept; a change of the pack takes effect."""
        seconds = keep_days * DAY_SECONDS
        held = await self._db.signals.index_information()
        if KEPT_AT in held and held[KEPT_AT].get("expireAfterSeconds") != seconds:
            await self._db.signals.drop_index(KEPT_AT)
        await self._db.signals.create_indexes(
            [
                IndexModel([("kept_at", ASCENDING)], name=KEPT_AT, expireAfterSeconds=seconds),
                IndexModel([("observed_at", ASCENDING), ("_id", ASCENDING)]),
            ]
        )

    async def since(self, moment: datetime, until: datetime) -> AsyncIterator[Document]:
        """Kept signals in the order of their observation: `signal` (code) and `data` (JSON form)."""
        found = self._db.signals.find(
            {"observed_at": {"$gte": moment, "$lt": until}},
            sort=[("observed_at", ASCENDING), ("_id", ASCENDING)],
        )
        async for raw in found:
            yield raw


def _id(taken: Taken) -> str:
    return f"{taken.source}\n{taken.id}"


def _document(taken: Taken, now: datetime) -> Document:
    data = taken.observed.data
    return {
        "_id": _id(taken),
        "signal": taken.observed.signal,
        "observed_at": data.observed_at,
        "data": data.model_dump_json(),
        "at": taken.at,
        "offset": taken.offset,
        "kept_at": now,
    }
