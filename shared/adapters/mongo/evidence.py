"""Which files the entries of a ledger, or of the read model, name as evidence."""

from collections.abc import Callable, Sequence

from pymongo import ASCENDING, IndexModel

from shared.adapters.mongo.client import Collection, Document
from shared.adapters.mongo.trouble import reaches

FILE = "entry.evidence.sha256"
_WITH_FILES: Document = {"entry.evidence.0": {"$exists": True}}
"""The filter of the partial index; a query must repeat it to be served by it."""


def evidence_index() -> IndexModel:
    """Most entries have no evidence: they are not in it."""
    return IndexModel([(FILE, ASCENDING)], name="evidence", partialFilterExpression=_WITH_FILES)


class MongoEvidence:
    """Implements Named over the collection of entries that is live at the moment of each call."""

    def __init__(self, entries: Callable[[], Collection]) -> None:
        self._entries = entries

    @reaches
    async def named(self, sha256s: Sequence[str]) -> set[str]:
        wanted = set(sha256s)
        if not wanted:
            return set()
        cursor = self._entries().aggregate(
            [
                {"$match": {**_WITH_FILES, FILE: {"$in": sorted(wanted)}}},
                {"$unwind": "$entry.evidence"},
                {"$match": {FILE: {"$in": sorted(wanted)}}},
                {"$group": {"_id": f"${FILE}"}},
            ]
        )
        return {doc["_id"] async for doc in cursor}
