"""The stored files as three files of documents, and back: what is there already stays as it is."""

from collections.abc import AsyncIterator, Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from pathlib import Path
from typing import cast

import bson
from bson.codec_options import CodecOptions
from pymongo import InsertOne

from shared.adapters.mongo.bulk import write_colliding
from shared.adapters.mongo.client import Collection, Database, Document
from shared.adapters.mongo.dump import Dumped, Raw, Writer, batches, walk
from shared.adapters.mongo.files import BUCKET
from shared.adapters.mongo.trouble import reaches, reaching
from shared.application.files import KEPT_ONCE_NAMED

CARDS, CONTENTS, CHUNKS = "files", f"{BUCKET}.files", f"{BUCKET}.chunks"
PathOf = Callable[[str], Path]


async def dump_files(
    db: Database, path_of: PathOf, told: Callable[[int], None]
) -> Mapping[str, Dumped]:
    """Write every file with its content; one that is removed meanwhile is left out. Raises
    Unavailable."""
    with (
        Writer(path_of(CARDS)) as cards,
        Writer(path_of(CONTENTS)) as contents,
        Writer(path_of(CHUNKS)) as chunks,
        reaching(),
    ):
        async for card in walk(db[CARDS]):
            found = [raw async for raw in walk(db[CONTENTS], {"_id": card["blob"]})]
            if not found:
                continue
            size = 0
            async for piece in walk(db[CHUNKS], {"files_id": card["blob"]}, by="n"):
                await chunks.add(piece)
                size += len(piece["data"])
            if size == found[0]["length"]:  # else it was removed under our hands
                await contents.add(found[0])
                await cards.add(card)
                told(cards.documents)
        return {
            CARDS: await cards.done(),
            CONTENTS: await contents.done(),
            CHUNKS: await chunks.done(),
        }


@reaches
async def refill_files(
    db: Database, path_of: PathOf, now: datetime, told: Callable[[int], None]
) -> int:
    """Put back what is not there; how many files that were. The order is that of an upload: what is
    cut is swept up later, or done again. Raises Unavailable and Damaged."""
    missing = {card["_id"]: card["blob"] async for card in _missing(db[CARDS], path_of(CARDS))}
    blobs = set(missing.values())
    await write_colliding(db.pending, [InsertOne({"_id": blob, "at": now}) for blob in blobs])
    await _add(db[CHUNKS], path_of(CHUNKS), "files_id", blobs)
    await _add(db[CONTENTS], path_of(CONTENTS), "_id", blobs)
    count = 0
    # It is not known yet who names them; by then it is.
    until = now + KEPT_ONCE_NAMED
    async for card in _missing(db[CARDS], path_of(CARDS)):
        document: Document = bson.decode(card.raw, CodecOptions(tz_aware=True))
        document["keep_until"] = max(document["keep_until"], until)
        _, there = await write_colliding(db[CARDS], [InsertOne(document)])
        if there:
            continue  # uploaded this moment: our content is swept up as what was left behind
        await db.pending.delete_one({"_id": card["blob"]})
        count += 1
        told(count)
    return count


async def _missing(cards: Collection, path: Path) -> AsyncIterator[Raw]:
    for some in batches(path):
        ids = [card["_id"] for card in some]
        there = {doc["_id"] async for doc in cards.find({"_id": {"$in": ids}}, {"_id": 1})}
        for card in some:
            if card["_id"] not in there:
                yield card


async def _add(collection: Collection, path: Path, field: str, wanted: AbstractSet[str]) -> None:
    for some in batches(path):
        await write_colliding(
            collection,
            [InsertOne(cast(Document, raw)) for raw in some if raw[field] in wanted],
        )
