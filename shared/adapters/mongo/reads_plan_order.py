"""The order of the plan: items 1 to 25, then the safeguards, each clause in its place."""

from typing import Any

from pymongo import ASCENDING

from shared.adapters.mongo.client import Document
from shared.application.reads import Position

_PARTS = {"$split": ["$entry.clause", "."]}
_ITEM = {"$arrayElemAt": [_PARTS, 0]}


def _number(text: Any) -> Document:
    return {"$convert": {"input": text, "to": "int", "onError": 9999, "onNull": 9999}}


CLAUSE_ORDER: Document = {
    "$add": [
        {"$cond": [{"$eq": [{"$substrCP": ["$entry.clause", 0, 1]}, "S"]}, 1_000_000, 0]},
        {"$multiply": [_number({"$ltrim": {"input": _ITEM, "chars": "S"}}), 1000]},
        _number({"$arrayElemAt": [_PARTS, 1]}),
    ]
}
"""`14.2` → 14002, `S3.1` → 1003001; the same as `clause_order`."""


def page_stages(after: Position | None, limit: int) -> list[Document]:
    """The entries after a position (order, rank, id), in that order."""
    stages: list[Document] = []
    if after is not None:
        order, rank, entry_id = after
        same = {"order": order}
        stages.append(
            {
                "$match": {
                    "$or": [
                        {"order": {"$gt": order}},
                        {**same, "rank": {"$gt": rank}},
                        {**same, "rank": rank, "_id": {"$gt": entry_id}},
                    ]
                }
            }
        )
    sort = {"order": ASCENDING, "rank": ASCENDING, "_id": ASCENDING}
    shown = {"entry": 1, "order": 1, "rank": 1}
    return [*stages, {"$sort": sort}, {"$limit": limit}, {"$project": shown}]
