"""History and receipts: filed once, by whoever comes first; repeats are harmless."""

from collections.abc import Iterable
from datetime import datetime

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from shared.adapters.mongo.client import Collection, Database, Document
from shared.adapters.mongo.documents import change_document, receipt_document
from shared.contract.messages import Answer, Change

DUPLICATE_KEY = 11000


async def file_away(
    db: Database, changes: Iterable[Change], answers: Iterable[Answer], now: datetime
) -> None:
    """History first: a filed answer promises that its change can be read."""
    await _file_new(db.history, [change_document(change) for change in changes])
    await _file_new(db.receipts, [receipt_document(answer, now) for answer in answers])


async def _file_new(collection: Collection, documents: list[Document]) -> None:
    if not documents:
        return
    upserts = [UpdateOne({"_id": d["_id"]}, {"$setOnInsert": d}, upsert=True) for d in documents]
    try:
        await collection.bulk_write(upserts, ordered=False)
    except BulkWriteError as error:
        # Two that file the same at once may collide: then it is filed, which is all we want.
        failed = error.details.get("writeErrors", ()) if error.details else ()
        unconfirmed = error.details.get("writeConcernErrors") if error.details else None
        if unconfirmed or any(each.get("code") != DUPLICATE_KEY for each in failed):
            raise
