"""Webhooks in the gateway's database, one document each, with what a person never changes: how
the receiver behaves (`health`) and when the last messages went to it (`sent`)."""

from datetime import datetime, timedelta

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.adapters.mongo.client import Database, Document
from shared.adapters.mongo.documents import plain
from shared.adapters.mongo.trouble import reaches
from shared.application.notifying.webhook import Health, Turn, Webhook


class MongoWebhooks:
    """Implements Webhooks. Secrets are kept as they are: whoever reads the database can sign."""

    def __init__(self, db: Database) -> None:
        self._webhooks = db.webhooks

    @reaches
    async def add(self, webhook: Webhook, most: int) -> bool | None:
        if await self._webhooks.find_one({"_id": webhook.id}, {"_id": 1}):
            return False
        document = _document(webhook)
        try:
            await self._webhooks.insert_one(document)
        except DuplicateKeyError:
            return False
        # Counted afterwards: of several that come at once none slips past the bound.
        if await self._webhooks.count_documents({}) > most:
            await self._webhooks.delete_one({"_id": webhook.id})
            return None
        return True

    @reaches
    async def get(self, webhook_id: str) -> Webhook | None:
        document = await self._webhooks.find_one({"_id": webhook_id})
        return _webhook(document) if document else None

    @reaches
    async def all(self) -> list[Webhook]:
        cursor = self._webhooks.find({}, sort=[("created_at", 1), ("_id", 1)])
        return [_webhook(document) async for document in cursor]

    @reaches
    async def replace(self, seen: int, after: Webhook, *, anew: bool) -> bool:
        fields = _document(after)
        kept = {"_id", "sent"} if anew else {"_id", "sent", "health"}
        done = await self._webhooks.update_one(
            {"_id": after.id, "version": seen},
            {"$set": {name: value for name, value in fields.items() if name not in kept}},
        )
        return done.matched_count == 1

    @reaches
    async def remove(self, webhook_id: str, seen: int) -> bool:
        done = await self._webhooks.delete_one({"_id": webhook_id, "version": seen})
        return done.deleted_count == 1

    @reaches
    async def take_turn(self, webhook_id: str, now: datetime, most: int, window: timedelta) -> Turn:
        # Of the last `most` times the oldest decides, and its place is given to this one.
        free = [{f"sent.{most - 1}": {"$exists": False}}, {"sent.0": {"$lte": now - window}}]
        after = await self._webhooks.find_one_and_update(
            {"_id": webhook_id, "$or": free},
            {"$push": {"sent": {"$each": [now], "$slice": -most}}},
            {"sent": 1},
            return_document=ReturnDocument.AFTER,
        )
        document = after or await self._webhooks.find_one({"_id": webhook_id}, {"sent": 1})
        sent: list[datetime] = document["sent"] if document else []
        used = sum(at > now - window for at in sent)
        free_at = now if after else sent[0] + window if sent else now + window
        return Turn(granted=after is not None, used=used, free_at=free_at)

    @reaches
    async def went_well(self, webhook_id: str, now: datetime) -> None:
        health = plain(Health(last_ok_at=now).model_dump())
        await self._webhooks.update_one({"_id": webhook_id}, {"$set": {"health": health}})

    @reaches
    async def went_wrong(self, webhook_id: str, now: datetime, error: str) -> int:
        after = await self._webhooks.find_one_and_update(
            {"_id": webhook_id},
            [
                {
                    "$set": {
                        "health.failures": {"$add": ["$health.failures", 1]},
                        "health.failing_since": {"$ifNull": ["$health.failing_since", now]},
                        "health.last_error": {"$literal": error},
                    }
                }
            ],
            {"health.failures": 1},
            return_document=ReturnDocument.AFTER,
        )
        return int(after["health"]["failures"]) if after else 0

    @reaches
    async def hold(self, webhook_id: str, until: datetime) -> None:
        await self._webhooks.update_one({"_id": webhook_id}, {"$set": {"health.held_until": until}})

    @reaches
    async def deactivate(self, webhook_id: str, now: datetime, why: str) -> None:
        await self._webhooks.update_one(
            {"_id": webhook_id, "active": True},
            {
                "$set": {"active": False, "updated_at": now, "health.last_error": why},
                "$inc": {"version": 1},
            },
        )


def _document(webhook: Webhook) -> Document:
    fields: Document = plain(webhook.model_dump())
    return {"_id": fields.pop("id"), **fields, "sent": []}


def _webhook(document: Document) -> Webhook:
    return Webhook.model_validate({**document, "id": document["_id"]})
