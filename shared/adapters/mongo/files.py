"""Files in GridFS, each under a random id, and the one small document by SHA-256 that makes it a file.

The order is what keeps it whole: `pending` (what is being worked on), the content, the document;
and backwards when it is removed. Whatever is cut in between is known from `pending`.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO
from uuid import uuid4

from bson.binary import Binary
from gridfs.errors import NoFile
from motor.motor_asyncio import AsyncIOMotorGridFSBucket
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from shared.adapters.mongo.client import Database, Document
from shared.adapters.mongo.trouble import reaches, reaching
from shared.application.files import KEPT, KEPT_ONCE_NAMED, UPLOADERS_KEPT, FileCard
from shared.application.ports import Unavailable
from shared.domain.evidence import FileFacts
from shared.domain.geo import Point
from shared.domain.moments import Clock

PIECE = 255 * 1024
"""A chunk: with its keys it stays below a power of two, which the engine allots."""
TOGETHER = 8
"""Chunks that are sent at once: two megabytes."""
BUCKET = "content"
_UNPINNED = {"pinned": False}
"""The filter of the collector's partial index; a query must repeat it to be served by it."""
_UNSWEPT = {"swept": {"$ne": True}}
_CARD = {"thumbnail": 0, "uploads": 0}


class MongoFiles:
    """Implements FileStore and FileSweep over the files' own database."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._files, self._pending = db.files, db.pending
        self._contents, self._chunks = db[f"{BUCKET}.files"], db[f"{BUCKET}.chunks"]
        self._bucket = AsyncIOMotorGridFSBucket(db, BUCKET)
        self._clock = clock

    @reaches
    async def ensure(self) -> None:
        """Create the indexes that are missing."""
        await self._files.create_indexes(
            [
                IndexModel([("keep_until", ASCENDING)], partialFilterExpression=_UNPINNED),
                IndexModel([("blob", ASCENDING)]),
            ]
        )
        await self._pending.create_indexes([IndexModel([("at", ASCENDING)])])
        await self._chunks.create_indexes(
            [IndexModel([("files_id", ASCENDING), ("n", ASCENDING)], unique=True)]
        )

    @reaches
    async def put(
        self, card: FileCard, content: BinaryIO, thumbnail: bytes | None, uploader: str
    ) -> bool:
        if await self._again(card.sha256, uploader):
            return False
        blob = str(uuid4())
        await self._pending.insert_one({"_id": blob, "at": self._clock.now()})
        await self._write(blob, content)
        try:
            await self._files.insert_one(self._document(card, blob, thumbnail, uploader))
        except DuplicateKeyError:
            await self._clear(blob)
            if await self._again(card.sha256, uploader):
                return False
            raise Unavailable("the same content was stored and removed meanwhile") from None
        done = await self._pending.delete_one({"_id": blob, **_UNSWEPT})
        if not done.deleted_count:
            # We stood still for a day, and the sweep took the content for left behind.
            await self._files.delete_one({"_id": card.sha256, "blob": blob})
            await self._clear(blob)
            raise Unavailable("the upload took too long, its content was swept away")
        return True

    async def _again(self, sha256: str, uploader: str) -> bool:
        """Note one more upload of what is there; False when it is not."""
        now = self._clock.now()
        others = {"$filter": {"input": "$uploads", "cond": {"$ne": ["$$this.by", uploader]}}}
        mine = {"$literal": [{"by": uploader, "at": now}]}
        done = await self._files.update_one(
            {"_id": sha256},
            [
                {
                    "$set": {
                        "keep_until": {"$max": ["$keep_until", now + KEPT]},
                        "uploads": {"$slice": [{"$concatArrays": [others, mine]}, -UPLOADERS_KEPT]},
                    }
                }
            ],
        )
        return bool(done.matched_count)

    async def _write(self, blob: str, content: BinaryIO) -> None:
        """In the layout that GridFS prescribes. The driver's own writer gathers up to 48 MB in
        memory before it sends anything."""
        await asyncio.to_thread(content.seek, 0)
        number = size = 0
        while data := await asyncio.to_thread(content.read, TOGETHER * PIECE):
            pieces = [data[start : start + PIECE] for start in range(0, len(data), PIECE)]
            await self._chunks.insert_many(
                {"files_id": blob, "n": number + n, "data": Binary(piece)}
                for n, piece in enumerate(pieces)
            )
            number, size = number + len(pieces), size + len(data)
        await self._contents.insert_one(
            {
                "_id": blob,
                "filename": blob,
                "length": size,
                "chunkSize": PIECE,
                "uploadDate": self._clock.now(),
            }
        )

    def _document(
        self, card: FileCard, blob: str, thumbnail: bytes | None, uploader: str
    ) -> Document:
        now, facts = self._clock.now(), card.facts
        return {
            "_id": card.sha256,
            "blob": blob,
            "media_type": facts.media_type,
            "size": facts.size,
            "taken_at": facts.taken_at,
            "place": list(facts.place) if facts.place else None,
            "width": card.width,
            "height": card.height,
            "name": card.name,
            "stored_at": card.stored_at,
            "has_thumbnail": thumbnail is not None,
            "thumbnail": Binary(thumbnail) if thumbnail is not None else None,
            "uploads": [{"by": uploader, "at": now}],
            "keep_until": now + KEPT,
            "pinned": False,
        }

    @reaches
    async def look_up(self, sha256s: Sequence[str]) -> Mapping[str, FileFacts]:
        wanted = {"_id": {"$in": list(sha256s)}}
        # First the word that they stay, then the look: what is seen is not removed any more.
        until = self._clock.now() + KEPT_ONCE_NAMED
        await self._files.update_many(wanted, {"$max": {"keep_until": until}})
        return {doc["_id"]: _facts(doc) async for doc in self._files.find(wanted, _CARD)}

    @reaches
    async def find(self, sha256: str) -> FileCard | None:
        doc = await self._files.find_one({"_id": sha256}, _CARD)
        if doc is None:
            return None
        return FileCard(
            sha256=doc["_id"],
            facts=_facts(doc),
            stored_at=doc["stored_at"],
            width=doc["width"],
            height=doc["height"],
            name=doc["name"],
        )

    @reaches
    async def uploaded_by(self, sha256: str, uploader: str, since: datetime) -> bool:
        mine = {"$elemMatch": {"by": uploader, "at": {"$gte": since}}}
        return await self._files.find_one({"_id": sha256, "uploads": mine}, {"_id": 1}) is not None

    async def content(self, sha256: str) -> AsyncIterator[bytes]:
        with reaching():
            doc = await self._files.find_one({"_id": sha256}, {"blob": 1})
            if doc is None:
                return
            try:
                stream = await self._bucket.open_download_stream(doc["blob"])
            except NoFile:
                return
            while piece := await stream.readchunk():
                yield piece

    @reaches
    async def thumbnail(self, sha256: str) -> bytes | None:
        doc = await self._files.find_one({"_id": sha256}, {"thumbnail": 1})
        return bytes(doc["thumbnail"]) if doc is not None and doc["thumbnail"] else None

    @reaches
    async def expired(self, limit: int) -> list[str]:
        over = {**_UNPINNED, "keep_until": {"$lte": self._clock.now()}}
        cursor = self._files.find(over, {"_id": 1}, sort=[("keep_until", ASCENDING)], limit=limit)
        return [doc["_id"] async for doc in cursor]

    @reaches
    async def pin(self, sha256s: Sequence[str]) -> None:
        await self._files.update_many({"_id": {"$in": list(sha256s)}}, {"$set": {"pinned": True}})

    @reaches
    async def remove(self, sha256: str) -> bool:
        now = self._clock.now()
        over = {"_id": sha256, **_UNPINNED, "keep_until": {"$lte": now}}
        doc = await self._files.find_one(over, {"blob": 1})
        if doc is None:
            return False
        await self._pending.update_one(
            {"_id": doc["blob"]}, {"$setOnInsert": {"at": now}}, upsert=True
        )
        done = await self._files.delete_one({**over, "blob": doc["blob"]})
        if not done.deleted_count:
            await self._pending.delete_one({"_id": doc["blob"]})
            return False
        await self._clear(doc["blob"])
        return True

    @reaches
    async def sweep(self, limit: int) -> int:
        old = {"at": {"$lte": self._clock.now() - KEPT}}
        cursor = self._pending.find(old, {"_id": 1}, sort=[("at", ASCENDING)], limit=limit)
        found = [doc["_id"] async for doc in cursor]
        for blob in found:
            # From here on no upload takes it for its own.
            await self._pending.update_one({"_id": blob}, {"$set": {"swept": True}})
            if await self._files.find_one({"blob": blob}, {"_id": 1}) is None:
                await self._clear(blob)
            else:
                await self._pending.delete_one({"_id": blob})
        return len(found)

    async def _clear(self, blob: str) -> None:
        """Away with the content under this id, whole or half, and then with the note of it."""
        try:
            await self._bucket.delete(blob)
        except NoFile:
            # It was never closed: there are chunks at most.
            await self._chunks.delete_many({"files_id": blob})
        await self._pending.delete_one({"_id": blob})


def _facts(doc: Mapping[str, Any]) -> FileFacts:
    return FileFacts(
        media_type=doc["media_type"],
        size=doc["size"],
        thumbnail=doc["has_thumbnail"],
        taken_at=doc["taken_at"],
        place=Point(*doc["place"]) if doc["place"] else None,
    )
