"""Notes in a database that it is being put back to a backup, one for each part whose restore is not at
its end: its own, and at the gateway those of the lines, whose read model it holds.

Until they are taken away the database may hold a part of what it should: its service refuses to
start, and no backup is made of it.
"""

from shared.adapters.mongo.client import Database, Document
from shared.adapters.mongo.meta import MongoMeta
from shared.adapters.mongo.trouble import reaches

_RESTORING = "restoring:"
NOTES: Document = {"_id": {"$regex": f"^{_RESTORING}"}}
"""Those among the documents of `meta`."""


def is_note(id_: str) -> bool:
    return id_.startswith(_RESTORING)


class RestoreNotes:
    """Every method raises Unavailable when the database did not confirm."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._meta = MongoMeta(db)

    async def put(self, part: str, said: str) -> None:
        """`said`: the words after `tenlines restore`, with which it is done again."""
        await self._meta.put(f"{_RESTORING}{part}", {"said": said})

    async def take_away(self, part: str) -> None:
        await self._meta.forget(f"{_RESTORING}{part}")

    @reaches
    async def trouble(self) -> str | None:
        """What is under way, or was cut, and how to go on; None where the database is whole."""
        note = await self._db.meta.find_one(NOTES)
        if note is None:
            return None
        part = note["_id"].removeprefix(_RESTORING)
        return (
            f"{part} is being restored, or that was cut short. "
            f"Let `tenlines restore {note['said']}` come to its end first."
        )
