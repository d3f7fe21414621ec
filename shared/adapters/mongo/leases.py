"""Leases: one small document a job."""

from datetime import timedelta

from pymongo.errors import DuplicateKeyError

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.trouble import reaches
from shared.domain.moments import Clock

AHEAD = timedelta(minutes=1)
"""A lease taken this far in the future was taken by a clock that was wrong or turned back since."""


class MongoLeases:
    """Implements Leases. Raises Unavailable when the database did not confirm."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    @reaches
    async def acquire(self, name: str, holder: str, seconds: float) -> bool:
        now = self._clock.now()
        free = [{"holder": holder}, {"until": {"$lte": now}}, {"since": {"$gt": now + AHEAD}}]
        lease = {"holder": holder, "since": now, "until": now + timedelta(seconds=seconds)}
        try:
            await self._db.leases.update_one(
                {"_id": name, "$or": free}, {"$set": lease}, upsert=True
            )
        except DuplicateKeyError:
            return False  # it is there and not free, so the upsert tried to insert a second one
        return True

    @reaches
    async def release(self, name: str, holder: str) -> None:
        await self._db.leases.delete_one({"_id": name, "holder": holder})
