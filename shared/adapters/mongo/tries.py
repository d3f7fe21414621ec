"""How often the handling of a message was begun: what kills us three times is not tried again."""

from pymongo import ReturnDocument, WriteConcern
from pymongo.errors import DuplicateKeyError

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.trouble import reaches
from shared.domain.moments import Clock


class MongoTries:
    """Implements Tries. Messages that were done leave nothing behind; the rest runs out.

    It counts crashes of the line's process, not of the database, so it need not wait for the
    journal: that would cost every message two flushes.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._poison = db.poison.with_options(write_concern=WriteConcern(w=1))
        self._clock = clock

    @reaches
    async def begin(self, topic: str, partition: int, offset: int) -> int:
        while True:
            try:
                counted = await self._poison.find_one_and_update(
                    {"_id": _name(topic, partition, offset)},
                    {"$inc": {"tries": 1}, "$set": {"at": self._clock.now()}},
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:
                continue
            tries: int = counted["tries"]
            return tries

    @reaches
    async def done(self, topic: str, partition: int, offset: int) -> None:
        await self._poison.delete_one({"_id": _name(topic, partition, offset)})


def _name(topic: str, partition: int, offset: int) -> str:
    return f"{topic}:{partition}:{offset}"
