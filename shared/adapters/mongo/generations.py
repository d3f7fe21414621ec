"""Which collections the gateway reads and writes: a number at the end of their names.

A rebuild fills collections with a new number beside the live ones. While it catches up, `also`
makes every writer write both, so that neither the switch nor a reader that has not heard of it
yet ever misses what was applied.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo import ASCENDING, IndexModel, ReturnDocument

from shared.adapters.mongo.client import Database, Document
from shared.adapters.mongo.indexes import DAY_SECONDS, ensure_entry_indexes
from shared.adapters.mongo.trouble import reaches
from shared.application.ports import RECEIPT_DAYS
from shared.domain.moments import Clock

KINDS = ("entries", "history", "commands", "cells", "lines")
MARKED: Document = {"marks.0": {"$exists": True}}
"""The filter of the dirty cells' partial index; a query must repeat it to be served by it."""
_NAME = re.compile(rf"^({'|'.join(KINDS)})_(\d+)$")
_KEY = {"_id": "generation"}


def is_of_generation(collection: str) -> bool:
    """Whether a collection of the gateway's belongs to some generation of the read model."""
    return _NAME.match(collection) is not None


@dataclass(frozen=True)
class Targets:
    """`live` is read; it and `also` are written; `building` is being filled by a rebuild.

    `since` is the moment of the last switch.
    """

    live: int
    also: int | None
    building: int | None
    since: datetime

    @property
    def written(self) -> tuple[int, ...]:
        return (self.live,) if self.also is None else (self.live, self.also)


class Generations:
    """The one document that says which generation is live. All methods raise Unavailable."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    @reaches
    async def targets(self) -> Targets:
        """As they stand now; the first caller ever makes generation 1."""
        document = await self._db.meta.find_one(_KEY)
        if document is None:
            await self.prepare(1)
            first = {
                "live": 1,
                "also": None,
                "building": None,
                "number": 1,
                "since": self._clock.now(),
            }
            await self._db.meta.update_one(_KEY, {"$setOnInsert": first}, upsert=True)
            document = await self._db.meta.find_one(_KEY)
            assert document is not None
        return Targets(**{name: document[name] for name in ("live", "also", "building", "since")})

    @reaches
    async def prepare(self, generation: int) -> None:
        """The collections' indexes, made before anything is in them."""
        db, n = self._db, generation
        await ensure_entry_indexes(db[f"entries_{n}"])
        await db[f"history_{n}"].create_indexes([IndexModel([("line", 1), ("_id", ASCENDING)])])
        await db[f"commands_{n}"].create_indexes(
            [IndexModel([("at", ASCENDING)], expireAfterSeconds=RECEIPT_DAYS * DAY_SECONDS)]
        )
        await db[f"cells_{n}"].create_indexes(
            [IndexModel([("marks", ASCENDING)], name="dirty", partialFilterExpression=MARKED)]
        )

    @reaches
    async def begin(self) -> int:
        """Announce that a new generation is being built; its number was never used before, so a
        builder that stalled and comes back cannot take another's for its own.

        Whoever clears the announcement ends the building.
        """
        await self.targets()
        announced = await self._db.meta.find_one_and_update(
            _KEY,
            [
                {"$set": {"number": {"$add": ["$number", 1]}, "also": None}},
                {"$set": {"building": "$number"}},
            ],
            return_document=ReturnDocument.AFTER,
        )
        new = int(announced["building"])
        await self.prepare(new)
        return new

    @reaches
    async def write_also(self, new: int) -> bool:
        """From now on `new` is written beside the live one; False when it is not being built."""
        done = await self._db.meta.update_one({**_KEY, "building": new}, {"$set": {"also": new}})
        return done.matched_count == 1

    @reaches
    async def switch(self, old: int, new: int) -> bool:
        """Make `new` live and go on writing `old` for those who still read it; False when this
        was not the state of things any more."""
        done = await self._db.meta.update_one(
            {**_KEY, "live": old, "also": new, "building": new},
            {"$set": {"live": new, "also": old, "since": self._clock.now()}},
        )
        return done.matched_count == 1

    @reaches
    async def end_building(self) -> None:
        """Only the live generation is written from now on."""
        await self._db.meta.update_one(_KEY, {"$set": {"also": None, "building": None}})

    @reaches
    async def held(self) -> set[int]:
        """Every generation that has a collection."""
        found = (_NAME.match(name) for name in await self._db.list_collection_names())
        return {int(match[2]) for match in found if match}

    @reaches
    async def drop(self, generation: int) -> None:
        for kind in KINDS:
            await self._db[f"{kind}_{generation}"].drop()

    async def drop_others(self, after: timedelta) -> set[int]:
        """Drop what unfinished rebuilds left, and, once nobody can still be reading it, what a
        switch left. Only while nothing is being built. Returns what was dropped."""
        now = await self.targets()
        recent = self._clock.now() - now.since < after
        others = {n for n in await self.held() if n > now.live or (n < now.live and not recent)}
        for generation in others:
            await self.drop(generation)
        return others
