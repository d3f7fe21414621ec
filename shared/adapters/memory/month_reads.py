"""The problems of a month over the memory store, for tests."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from shared.adapters.memory.ledger import MemoryLedger
from shared.adapters.memory.store import Store
from shared.domain.problem import Problem
from shared.domain.work_score import Step


class MemoryMonthReads:
    """Implements MonthReads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of_month(
        self, begin: datetime, end: datetime
    ) -> AsyncIterator[tuple[Problem, Sequence[Step]]]:
        ledger = MemoryLedger(self._store)
        for stored in list(self._store.entries.values()):
            entry = stored.entry
            if isinstance(entry, Problem) and entry.reported_at < end:
                changes = await ledger.history(entry.id, 0, entry.version)
                yield entry, [Step(c.at, c.changed) for c in changes if c.at >= begin]
