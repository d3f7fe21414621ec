"""Small facts that a service remembers about itself, one document each in `meta`."""

from collections.abc import Mapping
from typing import Any

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.documents import plain
from shared.adapters.mongo.trouble import reaches


class MongoMeta:
    """Raises Unavailable when the database did not confirm."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @reaches
    async def get(self, key: str) -> dict[str, Any] | None:
        """What was put under `key`; None when nothing was."""
        document = await self._db.meta.find_one({"_id": key}, {"_id": 0})
        return dict(document) if document is not None else None

    @reaches
    async def put(self, key: str, value: Mapping[str, Any]) -> None:
        """Set these members; others under the same key stay."""
        await self._db.meta.update_one({"_id": key}, {"$set": plain(dict(value))}, upsert=True)

    @reaches
    async def forget(self, key: str) -> None:
        await self._db.meta.delete_one({"_id": key})
