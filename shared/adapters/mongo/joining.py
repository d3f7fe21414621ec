"""What joining asks of a line's ledgers: problems by key, by place, and who is responsible."""

from collections.abc import Sequence
from datetime import date, datetime
from math import cos, radians

from shared.adapters.mongo.client import Database, Document
from shared.adapters.mongo.documents import entry_of
from shared.adapters.mongo.trouble import reaches
from shared.domain.entry import Kind
from shared.domain.geo import Point
from shared.domain.problem import Problem, Status
from shared.domain.responsibility import Part, Responsibility

MARGIN_M = 5_000.0
"""A better position that a problem was not told yet may be so far from the stored one."""
REACH_MOST_M = 20_000.0
"""The largest reach that a finding may have."""
_METRES_A_DEGREE = 111_195.0
_ENDED = [status.value for status in (Status.CLOSED, Status.MERGED, Status.MOVED)]


class MongoTargets:
    """Implements Targets over a line's entries."""

    def __init__(self, db: Database) -> None:
        self._entries = db.entries

    @reaches
    async def of_key(self, key: str, since: datetime) -> Sequence[Problem]:
        return await self._problems({"entry.origin.key": key, "$or": _current(since)})

    @reaches
    async def near(
        self, category: str, place: Point, metres: float, since: datetime
    ) -> Sequence[Problem]:
        far_reaching = {"entry.reach.metres": {"$gt": metres}, **_box(place, REACH_MOST_M)}
        return await self._problems(
            {
                "entry.kind": Kind.PROBLEM.value,
                "entry.category": category,
                "$and": [
                    {"$or": _current(since)},
                    {"$or": [_box(place, metres + MARGIN_M), far_reaching]},
                ],
            }
        )

    @reaches
    async def of_subject(self, subject: str) -> Problem | None:
        found = await self._problems({"entry.origin.subject": subject, "find.open": True})
        return max(found, key=lambda p: (p.reported_at, p.id), default=None)

    @reaches
    async def one(self, problem_id: str) -> Problem | None:
        found = await self._problems({"_id": problem_id, "entry.kind": Kind.PROBLEM.value})
        return found[0] if found else None

    async def _problems(self, query: Document) -> list[Problem]:
        found = [entry_of(document) async for document in self._entries.find(query, {"entry": 1})]
        return [entry for entry in found if isinstance(entry, Problem)]


class MongoDuties:
    """Implements Duties over a line's responsibilities."""

    def __init__(self, db: Database) -> None:
        self._entries = db.entries

    @reaches
    async def unit_for(self, clause: str, day: date) -> str | None:
        query = {
            "entry.kind": Kind.RESPONSIBILITY.value,
            "entry.clause": clause,
            "entry.town": None,
            "entry.role": {"$in": [Part.LEAD.value, Part.SHARED.value]},
        }
        found = [entry_of(document) async for document in self._entries.find(query, {"entry": 1})]
        rows = [r for r in found if isinstance(r, Responsibility) and r.term_on(day) is not None]
        first = min(rows, key=lambda row: (row.role is not Part.LEAD, row.id), default=None)
        return first.department if first else None


def _current(since: datetime) -> list[Document]:
    ended = {"entry.status": {"$in": _ENDED}, "entry.updated_at": {"$gte": since}}
    return [{"find.open": True}, {"find.open": False, **ended}]


def _box(place: Point, metres: float) -> Document:
    """Everything within `metres` of the place, and corners."""
    high = metres / _METRES_A_DEGREE * 1.01
    wide = high / max(0.01, cos(radians(min(89.0, abs(place.lat) + high))))
    return {
        "entry.location.lon": {"$gte": place.lon - wide, "$lte": place.lon + wide},
        "entry.location.lat": {"$gte": place.lat - high, "$lte": place.lat + high},
    }
