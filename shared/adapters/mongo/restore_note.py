"""The note in a database that it is being put back to a backup.

Until it is taken away the database may hold a part of what it should: its service refuses to start,
and no backup is made of it.
"""

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.meta import MongoMeta

RESTORING = "restoring"
"""Its id in `meta`."""


class RestoreNote:
    """Raises Unavailable when the database did not confirm."""

    def __init__(self, db: Database) -> None:
        self._meta = MongoMeta(db)

    async def put(self, said: str) -> None:
        """`said`: the words after `tenlines restore`, with which it is done again."""
        await self._meta.put(RESTORING, {"said": said})

    async def take_away(self) -> None:
        await self._meta.forget(RESTORING)

    async def read(self) -> str | None:
        """What was put; None where nothing is under way."""
        note = await self._meta.get(RESTORING)
        return None if note is None else str(note["said"])
