"""Rule states in MongoDB: one document a rule and key, guarded by its revision."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import InsertOne, UpdateMany, UpdateOne
from pymongo.errors import BulkWriteError

from shared.adapters.mongo.client import Database, Document
from shared.adapters.mongo.trouble import is_passing, reaches
from shared.application.signals.ports import Clash, Memory, Outbound, Step
from shared.contract.trace import Trace

WAITS: Document = {"outbox.0": {"$exists": True}}
"""The filter of the partial index over documents that have something to send."""
_DUPLICATE = 11000


class MongoMemories:
    """Implements RuleMemories over the collection `memories` of a line's database."""

    def __init__(self, db: Database) -> None:
        self._memories = db.memories

    @reaches
    async def load(self, ids: Sequence[str]) -> dict[str, Memory]:
        found = self._memories.find({"_id": {"$in": list(ids)}}, {"outbox": 0})
        return {raw["_id"]: _memory(raw) async for raw in found}

    @reaches
    async def write(self, steps: Sequence[Step]) -> None:
        if not steps:
            return
        updates = sum(1 for step in steps if step.before.revision)
        try:
            done = await self._memories.bulk_write([_write(step) for step in steps], ordered=False)
        except BulkWriteError as error:
            codes = {failed["code"] for failed in (error.details or {}).get("writeErrors", ())}
            if codes != {_DUPLICATE} or is_passing(error):
                raise
            raise Clash from None
        if done.matched_count != updates:
            raise Clash

    @reaches
    async def waiting(self, limit: int) -> list[tuple[str, Outbound]]:
        found = self._memories.find(WAITS, {"outbox": 1}, sort=[("outbox.id", 1)], limit=limit)
        return [
            (raw["_id"], _outbound(item))
            for raw in await found.to_list(limit)
            for item in raw["outbox"]
        ]

    @reaches
    async def sent(self, what: Sequence[tuple[str, str]]) -> None:
        by_document: dict[str, list[str]] = {}
        for id_, out_id in what:
            by_document.setdefault(id_, []).append(out_id)
        if by_document:
            await self._memories.bulk_write(
                [
                    UpdateOne({"_id": id_}, {"$pull": {"outbox": {"id": {"$in": out_ids}}}})
                    for id_, out_ids in by_document.items()
                ],
                ordered=False,
            )

    @reaches
    async def due(self, now: datetime, limit: int) -> list[Memory]:
        found = self._memories.find(
            {"wake_at": {"$lte": now}},
            {"outbox": 0},
            sort=[("wake_at", 1), ("_id", 1)],
            limit=limit,
        )
        return [_memory(raw) for raw in await found.to_list(limit)]

    @reaches
    async def highest(self) -> dict[str, int]:
        found: dict[str, int] = {}
        async for raw in self._memories.find({}, {"positions": 1}):
            for partition, offset in raw["positions"]:
                found[partition] = max(offset, found.get(partition, -1))
        return found

    @reaches
    async def forget_positions(self) -> int:
        forget = UpdateMany({}, {"$set": {"positions": []}, "$inc": {"revision": 1}})
        done = await self._memories.bulk_write([forget])
        return int(done.matched_count)


def _write(step: Step) -> InsertOne[Document] | UpdateOne:
    after = step.after
    fields: Document = {
        "revision": after.revision,
        "state": after.state,
        # Pairs: a partition's name has dots, which no field's name should have.
        "positions": sorted([at, offset] for at, offset in after.positions.items()),
        "wake_at": after.wake_at,
    }
    out = [_item(each) for each in step.out]
    if step.before.revision == 0:
        return InsertOne({"_id": after.id, **fields, "outbox": out})
    update: Document = {"$set": fields}
    if out:
        update["$push"] = {"outbox": {"$each": out}}
    return UpdateOne({"_id": after.id, "revision": step.before.revision}, update)


def _item(out: Outbound) -> Document:
    item = {"id": out.id, "kind": out.kind, "line": out.line, "key": out.key, "body": out.body}
    return item | ({"trace": out.trace.said()} if out.trace is not None else {})


def _outbound(raw: Mapping[str, Any]) -> Outbound:
    trace = Trace.heard(raw.get("trace"))
    return Outbound(raw["id"], raw["kind"], raw["line"], raw["key"], raw["body"], trace)


def _memory(raw: Mapping[str, Any]) -> Memory:
    return Memory(
        id=raw["_id"],
        revision=raw["revision"],
        state=raw["state"],
        positions=dict(raw["positions"]),
        wake_at=raw["wake_at"],
    )
