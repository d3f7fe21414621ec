"""The common reads over the live generation; counts come from the cells."""

from collections import Counter
from datetime import datetime

from services.gateway.live_model import LiveModel
from shared.adapters.mongo.client import Database
from shared.adapters.mongo.counters import dimensions
from shared.adapters.mongo.reads import MongoReads
from shared.application.reads import Census


class GatewayReads(MongoReads):
    """Implements Reads."""

    def __init__(self, db: Database, model: LiveModel) -> None:
        super().__init__(db, model.suffix)
        self._model = model

    async def census(self, now: datetime) -> Census:
        counters = self._model.current.counters
        problems = {
            (by["line"], by["status"], by["severity"], by["town"]): number
            for by, number in await counters.counts(("line", "status", "severity", "town"))
        }
        overdue: Counter[tuple[str, str]] = Counter()
        for cell, number in (await counters.overdue(now)).items():
            by = dimensions(cell)
            overdue[by["line"], by["town"]] += number
        return Census(problems, overdue)
