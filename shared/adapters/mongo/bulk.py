"""Bulk writes that collide: an upsert that loses a race says "duplicate key", which is no failure."""

from collections.abc import Sequence

from pymongo import InsertOne, ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError

from shared.adapters.mongo.client import Collection, Document

DUPLICATE_KEY = 11000
Operation = InsertOne[Document] | ReplaceOne[Document] | UpdateOne


async def write_colliding(
    collection: Collection, operations: Sequence[Operation]
) -> tuple[bool, list[int]]:
    """Carry out all of them in any order.

    Returns whether every one took effect, and the positions of those that met a duplicate key.
    """
    if not operations:
        return True, []
    try:
        done = await collection.bulk_write(list(operations), ordered=False)
    except BulkWriteError as error:
        details = error.details or {}
        failed = details.get("writeErrors", ())
        if details.get("writeConcernErrors") or any(f["code"] != DUPLICATE_KEY for f in failed):
            raise
        return False, [f["index"] for f in failed]
    effects = done.inserted_count + done.matched_count + done.upserted_count
    return effects == len(operations), []


async def upsert_all(collection: Collection, updates: Sequence[tuple[Document, Document]]) -> None:
    """Upsert (filter, update) pairs, guarded filters among them.

    A filter that does not match a document that is there tries to insert a second one and meets
    a duplicate key. Either the guard says no, or somebody inserted it this moment: a second
    try that only updates settles both.
    """
    operations = [UpdateOne(which, change, upsert=True) for which, change in updates]
    _, collided = await write_colliding(collection, operations)
    if collided:
        await collection.bulk_write(
            [UpdateOne(*updates[position]) for position in collided], ordered=False
        )
