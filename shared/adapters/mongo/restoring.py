"""A line's database back at an earlier point: what a backup holds, made to agree with itself.

The backup was not read at one instant. Its entries say how far each had come; what the later
collections hold above that belongs to changes that are not in it.
"""

from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path

from pymongo import UpdateOne

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.documents import entry_of
from shared.adapters.mongo.dump import Raw, batches, refill
from shared.adapters.mongo.indexes import ensure_indexes
from shared.adapters.mongo.restore_note import NOTES, is_note
from shared.adapters.mongo.trouble import reaches, reaching
from shared.application.ports import AnyEntry
from shared.contract.messages import Change

_IN_HAND = "in-hand:"
_OWN_WAY = {"meta", "counters"}


class RestoredLine:
    """The database of a stopped line while a backup is put back, under a note of RestoreNotes."""

    def __init__(self, db: Database, path_of: Callable[[str], Path]) -> None:
        """`path_of` a collection is its file."""
        self._db = db
        self._path_of = path_of

    @reaches
    async def put_back(self, collections: Collection[str], say: Callable[[str], None]) -> None:
        """May be called again after a cut. Raises Unavailable and Damaged."""
        versions: dict[str, int] = {}

        def entry(raw: Raw) -> bool:
            versions[raw["_id"]] = raw["entry"]["version"]
            return True

        def change(raw: Raw) -> bool:
            return bool(raw["version"] <= versions.get(raw["entry"], 0))

        def receipt(raw: Raw) -> bool:
            """An answer that is repeated must not speak of what did not happen."""
            version = raw["answer"].get("version")
            return version is None or bool(version <= versions.get(raw["entry_id"], 0))

        keeps: dict[str, Callable[[Raw], bool]] = {
            "entries": entry, "history": change, "receipts": receipt
        }  # fmt: skip
        for name in set(await self._db.list_collection_names()) - {*collections, *_OWN_WAY}:
            if not name.startswith("system."):
                await self._db[name].drop()
        # Entries first: they say what of the others belongs to them.
        for name in sorted({*collections} - _OWN_WAY, key=lambda name: (name != "entries", name)):
            count = await refill(self._db[name], self._path_of(name), keeps.get(name, _all))
            say(f"  {name}: {count}")
        await self._db.meta.delete_many({"$nor": [NOTES]})
        if "meta" in collections:
            await self._put_back_meta()
        if "counters" in collections:
            await self._raise_counters()
        await ensure_indexes(self._db)

    async def _put_back_meta(self) -> None:
        """Without which records a process had in hand: they are no suspects any more."""
        for some in batches(self._path_of("meta")):
            kept = [raw for raw in some if not is_note(raw["_id"])]
            kept = [raw for raw in kept if not raw["_id"].startswith(_IN_HAND)]
            for raw in kept:
                await self._db.meta.replace_one({"_id": raw["_id"]}, raw, upsert=True)

    async def _raise_counters(self) -> None:
        """Never back: a number that was given to a problem stands on paper."""
        for some in batches(self._path_of("counters")):
            raised = [
                UpdateOne({"_id": raw["_id"]}, {"$max": {"serial": raw["serial"]}}, upsert=True)
                for raw in some
            ]
            await self._db.counters.bulk_write(raised)


def _all(_: Raw) -> bool:
    return True


async def entries_of(db: Database) -> AsyncIterator[AnyEntry]:
    """Every entry as it stands, by rising id. Raises Unavailable."""
    with reaching():
        async for document in db.entries.find({}, {"entry": 1}, sort=[("_id", 1)]):
            yield entry_of(document)


async def changes_of(db: Database) -> AsyncIterator[Change]:
    """Every filed change, those of an entry by rising version. Raises Unavailable."""
    with reaching():
        async for document in db.history.find({}, sort=[("_id", 1)]):
            yield Change.model_validate(document)


@reaches
async def versions_of(db: Database) -> dict[str, int]:
    """Entry id → its version."""
    cursor = db.entries.find({}, {"entry.version": 1})
    return {document["_id"]: document["entry"]["version"] async for document in cursor}
