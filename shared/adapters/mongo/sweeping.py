"""What falls due in a line's ledgers, asked by index."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.documents import entry_of
from shared.adapters.mongo.trouble import reaches
from shared.application.ports import Held
from shared.application.sweeping import Falling
from shared.domain.entry import Kind
from shared.domain.problem import OPEN, Status
from shared.domain.task import Alert

_SEEN = {"entry": 1, "revision": 1, "find.next_step_at": 1}
_WORKED_ON = sorted(OPEN - {Status.SUBMITTED, Status.SUSPENDED})
_LEVELS = ("yellow", "orange", "red")


class MongoDueEntries:
    """Implements DueEntries."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @reaches
    async def due(self, now: datetime, limit: int) -> Sequence[Falling]:
        found = self._db.entries.find(
            {"find.next_step_at": {"$lte": now, "$type": "date"}},
            _SEEN,
            sort=[("find.next_step_at", ASCENDING)],
            limit=limit,
        )
        return [_falling(raw) for raw in await found.to_list(limit)]

    @reaches
    async def alert(self) -> Alert | None:
        found = self._db.entries.find(
            {"entry.alert.level": {"$in": list(_LEVELS)}, "entry.ended_on": None},
            {"entry.alert": 1},
            limit=1000,
        )
        alerts = [Alert.model_validate(raw["entry"]["alert"]) for raw in await found.to_list(1000)]
        return max(alerts, key=lambda a: (_LEVELS.index(a.level), a.episode), default=None)

    @reaches
    async def unshortened(self, episode: str, limit: int) -> Sequence[Falling]:
        found = self._db.entries.find(
            {
                "entry.kind": Kind.PROBLEM.value,
                "entry.status": {"$in": _WORKED_ON},
                "entry.alert": {"$ne": episode},
            },
            _SEEN,
            limit=limit,
        )
        return [_falling(raw) for raw in await found.to_list(limit)]


def _falling(raw: Mapping[str, Any]) -> Falling:
    held = Held(entry_of(raw), raw["revision"])
    return Falling(held, raw["find"].get("next_step_at"))
