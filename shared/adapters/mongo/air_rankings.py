"""Monthly air rankings in the gateway's database, a document a version, outside all generations."""

from pymongo import DESCENDING
from pymongo.errors import DuplicateKeyError

from shared.adapters.mongo.client import Database, Document
from shared.adapters.mongo.documents import plain
from shared.adapters.mongo.trouble import reaches
from shared.application.reports.air import AirMonth


class MongoAirRankings:
    """Implements AirRankings."""

    def __init__(self, db: Database) -> None:
        self._months = db["air_rankings"]

    @reaches
    async def get(self, month: str, version: int | None = None) -> AirMonth | None:
        which: Document = {"_id": _id(month, version)} if version is not None else _of(month, month)
        found = await self._months.find_one(which, sort=[("_id", DESCENDING)])
        return AirMonth.model_validate(found["month"]) if found else None

    @reaches
    async def between(self, first: str, last: str) -> list[AirMonth]:
        latest: dict[str, AirMonth] = {}
        async for found in self._months.find(_of(first, last), sort=[("_id", 1)]):
            latest[found["month"]["month"]] = AirMonth.model_validate(found["month"])
        return list(latest.values())

    @reaches
    async def add(self, month: AirMonth) -> bool:
        try:
            await self._months.insert_one(
                {"_id": _id(month.month, month.version), "month": plain(month.model_dump())}
            )
        except DuplicateKeyError:
            return False
        return True


def _id(month: str, version: int) -> str:
    """Ordered by month, then by version."""
    return f"{month}:{version:06d}"


def _of(first: str, last: str) -> Document:
    return {"_id": {"$gte": f"{first}:", "$lt": f"{last};"}}
