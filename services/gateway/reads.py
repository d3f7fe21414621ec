"""The common reads over the live generation; counts come from the cells."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

from services.gateway.live_model import LiveModel
from shared.adapters.mongo.client import Database
from shared.adapters.mongo.reads import MongoReads
from shared.application.findable import CELL_FIELDS
from shared.application.reads import Tally


class GatewayReads(MongoReads):
    """Implements Reads."""

    def __init__(self, db: Database, model: LiveModel) -> None:
        super().__init__(db, model.suffix)
        self._model = model

    async def tallies(self, now: datetime) -> Mapping[str, Tally]:
        counters = self._model.current.counters
        by_status: dict[str, dict[str, int]] = defaultdict(dict)
        for row in await counters.sums(["line"], {}):
            by_status[row["by"]["line"]][row["status"]] = row["count"]
        overdue: Counter[str] = Counter()
        for cell, number in (await counters.overdue(now)).items():
            overdue[cell.split("|")[CELL_FIELDS.index("line")]] += number
        return {
            line: Tally(by_status=counts, overdue=overdue[line])
            for line, counts in by_status.items()
        }
