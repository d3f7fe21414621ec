"""Deliveries in the gateway's database: what waits, what arrived, and what was given up."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from pymongo import ASCENDING, DESCENDING, IndexModel, InsertOne, ReturnDocument

from shared.adapters.mongo.bulk import write_colliding
from shared.adapters.mongo.client import Database, Document
from shared.adapters.mongo.documents import plain
from shared.adapters.mongo.indexes import DAY_SECONDS
from shared.adapters.mongo.trouble import reaches
from shared.application.notifying.delivery import KEPT_DAYS, Attempt, Delivery, State
from shared.application.reads import Page, Position

_AT_ONCE = 1000
_GIVEN_UP = (State.DEAD.value, State.TOO_OLD.value)


class MongoDeliveries:
    """Implements Deliveries. They are gone after KEPT_DAYS."""

    def __init__(self, db: Database) -> None:
        self._deliveries = db.deliveries

    @reaches
    async def ensure_indexes(self) -> None:
        """Create what is missing."""
        await self._deliveries.create_indexes(
            [
                # What is due for this receiver, the longest due first.
                IndexModel(
                    [("state", ASCENDING), ("webhook", ASCENDING), ("next_try_at", ASCENDING)]
                ),
                IndexModel([("state", ASCENDING), ("fresh_until", ASCENDING)]),
                IndexModel(
                    [("webhook", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]
                ),
                IndexModel([("created_at", ASCENDING)], expireAfterSeconds=KEPT_DAYS * DAY_SECONDS),
            ]
        )

    @reaches
    async def add(self, deliveries: Sequence[Delivery]) -> int:
        _, there = await write_colliding(
            self._deliveries, [InsertOne(_document(each)) for each in deliveries]
        )
        return len(deliveries) - len(there)

    @reaches
    async def forget_above(self, line: str, versions: Mapping[str, int]) -> int:
        """Away with what tells of changes of `line` above these versions (entry id → version; of
        others: all); how many. The next change of that version is another one."""
        fields = {"event.entry": 1, "event.version": 1}
        gone = [
            document["_id"]
            async for document in self._deliveries.find({"event.line": line}, fields)
            if document["event"]["version"] > versions.get(document["event"]["entry"], 0)
        ]
        for start in range(0, len(gone), _AT_ONCE):
            some = gone[start : start + _AT_ONCE]
            await self._deliveries.delete_many({"_id": {"$in": some}})
        return len(gone)

    @reaches
    async def due(self, webhooks: Collection[str], now: datetime) -> set[str]:
        if not webhooks:
            return set()
        match = {**_due(now), "webhook": {"$in": sorted(webhooks)}}
        cursor = self._deliveries.aggregate([{"$match": match}, {"$group": {"_id": "$webhook"}}])
        return {document["_id"] async for document in cursor}

    @reaches
    async def claim(
        self, webhook_id: str, now: datetime, until: datetime, claim: str, most: int
    ) -> list[Delivery]:
        claimed: list[Delivery] = []
        while len(claimed) < most:
            document = await self._deliveries.find_one_and_update(
                {**_due(now), "webhook": webhook_id},
                {"$set": {"next_try_at": until, "claim": claim}, "$inc": {"tries": 1}},
                sort=[("next_try_at", ASCENDING), ("_id", ASCENDING)],
                return_document=ReturnDocument.AFTER,
            )
            if document is None:
                break
            claimed.append(_delivery(document))
        return claimed

    @reaches
    async def settle(
        self,
        ids: Sequence[str],
        claim: str,
        state: State,
        attempt: Attempt,
        next_try_at: datetime | None = None,
    ) -> int:
        fields: Document = {
            "state": state.value,
            "claim": None,
            "last": plain(attempt.model_dump()),
        }
        if state is State.DELIVERED:
            fields["delivered_at"] = attempt.at
        if next_try_at is not None:
            fields["next_try_at"] = next_try_at
        done = await self._deliveries.update_many(
            {"_id": {"$in": list(ids)}, "claim": claim}, {"$set": fields}
        )
        return int(done.matched_count)

    @reaches
    async def expire(self, now: datetime) -> tuple[int, int]:
        over: Document = {
            "state": State.PENDING.value,
            "fresh_until": {"$lte": now},
            "next_try_at": {"$lte": now},  # a try that has begun may still come to its end
        }
        counts = []
        for tries, state in ((0, State.TOO_OLD), ({"$gt": 0}, State.DEAD)):
            done = await self._deliveries.update_many(
                {**over, "tries": tries}, {"$set": {"state": state.value, "claim": None}}
            )
            counts.append(int(done.modified_count))
        return counts[0], counts[1]

    @reaches
    async def get(self, webhook_id: str, delivery: str) -> Delivery | None:
        document = await self._deliveries.find_one({"_id": delivery, "webhook": webhook_id})
        return _delivery(document) if document else None

    @reaches
    async def page(
        self, webhook_id: str, state: State | None, limit: int, after: Position | None
    ) -> Page[Delivery]:
        which: Document = {"webhook": webhook_id}
        if state is not None:
            which["state"] = state.value
        if after is not None:
            at, last = after
            which["$or"] = [
                {"created_at": {"$lt": at}},
                {"created_at": at, "_id": {"$lt": last}},
            ]
        order = [("created_at", DESCENDING), ("_id", DESCENDING)]
        cursor = self._deliveries.find(which, sort=order, limit=limit + 1)
        found = [_delivery(document) for document in await cursor.to_list(limit + 1)]
        page = tuple(found[:limit])
        end = (page[-1].created_at, page[-1].id) if len(found) > limit else None
        return Page(page, end)

    @reaches
    async def again(self, delivery: str, now: datetime, fresh_until: datetime) -> bool:
        done = await self._deliveries.update_one(
            {"_id": delivery, "state": {"$in": list(_GIVEN_UP)}},
            {
                "$set": {
                    "state": State.PENDING.value,
                    "next_try_at": now,
                    "fresh_until": fresh_until,
                    "tries": 0,
                    "claim": None,
                }
            },
        )
        return done.matched_count == 1

    @reaches
    async def remove_all(self, webhook_id: str) -> None:
        await self._deliveries.delete_many({"webhook": webhook_id})

    @reaches
    async def waiting(self) -> int:
        return int(await self._deliveries.count_documents({"state": State.PENDING.value}))


def _due(now: datetime) -> Document:
    return {
        "state": State.PENDING.value,
        "next_try_at": {"$lte": now},
        "fresh_until": {"$gt": now},
    }


def _document(delivery: Delivery) -> Document:
    fields: Document = plain(delivery.model_dump())
    return {"_id": fields.pop("id"), **fields}


def _delivery(document: Document) -> Delivery:
    return Delivery.model_validate({**document, "id": document["_id"]})
