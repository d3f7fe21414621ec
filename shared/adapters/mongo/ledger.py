"""A line's ledgers in MongoDB: one document an entry, every decision one guarded write."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import DESCENDING, ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from shared.adapters.mongo.client import Database, Document
from shared.adapters.mongo.documents import (
    changed_fields,
    entry_document,
    entry_fields,
    entry_of,
    history_id,
    item_of,
    receipt_document,
)
from shared.adapters.mongo.earlier import earlier
from shared.adapters.mongo.filing import file_away
from shared.adapters.mongo.trouble import reaches
from shared.application.findable import findable
from shared.application.ports import (
    OUTBOX_LIMIT,
    AnyEntry,
    Found,
    Held,
    OutboxFull,
    Outgoing,
    Write,
)
from shared.contract.messages import Answer, Change
from shared.domain.context import Directory
from shared.domain.entry import Place
from shared.domain.moments import Clock
from shared.domain.problem import Problem
from shared.domain.verification import Earlier

DOCUMENT_BYTES = 8 * 1024 * 1024
"""A document this large takes no further item: half of what MongoDB can hold, so one always fits."""
_ROOM: Document = {
    f"outbox.{OUTBOX_LIMIT - 1}": {"$exists": False},
    "$expr": {"$lt": [{"$bsonSize": "$$ROOT"}, DOCUMENT_BYTES]},
}


def _guard(
    entry_id: str, revision: int, fields: Document, outgoing: Outgoing
) -> tuple[Document, Document]:
    """(filter, update) of one decision: it matches while the revision stands and there is room."""
    update: Document = {
        "$inc": {"revision": 1},
        "$push": {"outbox": item_of(outgoing, revision + 1)},
    }
    if fields:
        update["$set"] = fields
    return {"_id": entry_id, "revision": revision, **_ROOM}, update


class MongoLedger:
    """Implements Ledger. Every method raises Unavailable when the database did not confirm."""

    def __init__(self, db: Database, directory: Directory, clock: Clock) -> None:
        """`db` is the line's own; `ensure_indexes` belongs to it."""
        self._db = db
        self._directory = directory
        self._clock = clock

    @reaches
    async def find(self, entry_id: str, command_id: str) -> Found:
        document = await self._db.entries.find_one(
            {"_id": entry_id},
            # Of the outbox only the item that answers this command, if it is there.
            {"entry": 1, "revision": 1, "outbox": {"$elemMatch": {"answer.command": command_id}}},
        )
        held, raw = None, None
        if document is not None:
            held = Held(entry=entry_of(document), revision=document["revision"])
            raw = next((item["answer"] for item in document.get("outbox", ())), None)
        if raw is None:
            # Only after the document: the relay files a receipt before it clears the item.
            receipt = await self._db.receipts.find_one({"_id": command_id}, {"answer": 1})
            raw = receipt and receipt["answer"]
        return Found(held=held, answer=Answer.model_validate(raw) if raw else None)

    @reaches
    async def create(self, entry: AnyEntry, outgoing: Outgoing) -> bool:
        document = entry_document(entry, 1, self._directory)
        try:
            await self._db.entries.insert_one({**document, "outbox": [item_of(outgoing, 1)]})
        except DuplicateKeyError:
            return False
        return True

    @reaches
    async def write(self, held: Held, after: AnyEntry, outgoing: Outgoing) -> bool:
        fields = self._next(held.entry, after)
        return await self._guarded(after.id, held.revision, fields, outgoing)

    @reaches
    async def write_all(self, writes: Sequence[Write]) -> bool:
        if not writes:
            return True
        operations = [
            UpdateOne(
                *_guard(
                    each.after.id,
                    each.held.revision,
                    self._next(each.held.entry, each.after),
                    each.outgoing,
                )
            )
            for each in writes
        ]
        done = await self._db.entries.bulk_write(operations, ordered=False)
        return done.matched_count == len(writes)

    def _next(self, before: AnyEntry, after: AnyEntry) -> Document:
        return {**changed_fields(before, after), "find": findable(after, self._directory)}

    @reaches
    async def refuse(self, held: Held, outgoing: Outgoing) -> bool:
        return await self._guarded(held.entry.id, held.revision, {}, outgoing)

    async def _guarded(
        self, entry_id: str, revision: int, fields: Document, outgoing: Outgoing
    ) -> bool:
        """One update of one document; False when its revision is another by now."""
        done = await self._db.entries.update_one(*_guard(entry_id, revision, fields, outgoing))
        if done.matched_count:
            return True
        # A revision never returns: when it still stands, it was the lack of room that refused.
        if await self._revision(entry_id) == revision:
            raise OutboxFull(f"entry {entry_id} has no room for another outbox item")
        return False

    async def _revision(self, entry_id: str) -> int | None:
        document = await self._db.entries.find_one({"_id": entry_id}, {"revision": 1})
        return document["revision"] if document else None

    @reaches
    async def file_answer(self, answer: Answer) -> Answer:
        receipt = receipt_document(answer, self._clock.now())
        while True:
            try:
                standing = await self._db.receipts.find_one_and_update(
                    {"_id": answer.command},
                    {"$setOnInsert": receipt},
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:
                continue  # somebody filed it between the look and the insert: now it is there
            return Answer.model_validate(standing["answer"])

    @reaches
    async def take_in(self, after: Problem, outgoing: Outgoing) -> bool:
        while True:
            document = await self._db.entries.find_one(
                {"_id": after.id}, {"revision": 1, "entry.version": 1}
            )
            if document is None:
                if await self.create(after, outgoing):
                    return True
                continue
            if document["entry"]["version"] >= after.version:
                return False
            # The stub's own outbox stays: what waits there is still to be published.
            fields = {"entry": entry_fields(after), "find": findable(after, self._directory)}
            if await self._guarded(after.id, document["revision"], fields, outgoing):
                return True

    @reaches
    async def keep_part(self, changes: Sequence[Change], answers: Sequence[Answer]) -> None:
        await file_away(self._db, changes, answers, self._clock.now())

    @reaches
    async def history(self, entry_id: str, after_version: int, limit: int) -> list[Change]:
        document = await self._db.entries.find_one(
            {"_id": entry_id}, {"entry.version": 1, "outbox.change": 1}
        )
        if document is None:
            return []
        newest = document["entry"]["version"]
        filed = self._db.history.find(
            {
                "_id": {
                    "$gt": history_id(entry_id, after_version),
                    # What came after the first look may be filed out of turn: it would be a gap.
                    "$lte": history_id(entry_id, newest),
                },
                "entry": entry_id,
            },
            sort=[("_id", 1)],
            limit=limit,
        )
        by_version = {raw["version"]: raw for raw in await filed.to_list(limit)}
        for item in document["outbox"]:
            raw = item["change"]
            if raw is not None and raw["version"] > after_version:
                by_version.setdefault(raw["version"], raw)
        return [Change.model_validate(by_version[v]) for v in sorted(by_version)[:limit]]

    @reaches
    async def answers_of(self, entry_id: str, limit: int) -> list[Answer]:
        document = await self._db.entries.find_one({"_id": entry_id}, {"outbox.answer": 1})
        receipts = self._db.receipts.find(
            {"entry_id": entry_id}, {"answer": 1}, sort=[("at", DESCENDING)], limit=limit
        )
        found: dict[str, Mapping[str, Any]] = {
            item["answer"]["command"]: item["answer"]
            for item in (document["outbox"] if document else ())
        }
        for receipt in await receipts.to_list(limit):
            found.setdefault(receipt["_id"], receipt["answer"])
        answers = [Answer.model_validate(raw) for raw in found.values()]
        answers.sort(key=lambda answer: (answer.at, answer.version or 0), reverse=True)
        return answers[:limit]

    @reaches
    async def answer(self, command_id: str) -> Answer | None:
        waiting = await self._db.entries.find_one(
            {"outbox.answer.command": command_id},
            {"outbox": {"$elemMatch": {"answer.command": command_id}}},
        )
        if waiting is not None:
            return Answer.model_validate(waiting["outbox"][0]["answer"])
        receipt = await self._db.receipts.find_one({"_id": command_id}, {"answer": 1})
        return Answer.model_validate(receipt["answer"]) if receipt else None

    @reaches
    async def earlier(
        self, category: str, place: Place, site: str | None, metres: float, since: datetime
    ) -> list[Earlier]:
        return await earlier(self._db.entries, category, place, site, metres, since)

    @reaches
    async def next_serial(self, prefix: str, year: int) -> int:
        while True:
            try:
                counter = await self._db.counters.find_one_and_update(
                    {"_id": f"{prefix}:{year}"},
                    {"$inc": {"serial": 1}},
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:
                continue  # two opened the year at once: the counter is there now
            serial: int = counter["serial"]
            return serial
