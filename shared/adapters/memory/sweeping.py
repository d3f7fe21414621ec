"""What falls due, in memory."""

from collections.abc import Sequence
from datetime import datetime

from shared.adapters.memory.store import Store
from shared.application.findable import findable
from shared.application.ports import Held
from shared.application.sweeping import Falling
from shared.domain.context import Directory
from shared.domain.problem import OPEN, Problem, Status
from shared.domain.task import Alert, Task

_LEVELS = ("yellow", "orange", "red")


class MemoryDueEntries:
    """Implements DueEntries."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store, self._directory = store, directory

    async def due(self, now: datetime, limit: int) -> Sequence[Falling]:
        async with self._store.step("due"):
            found = [
                (at, Falling(Held(held.entry, held.revision), at))
                for held in self._store.entries.values()
                if (at := findable(held.entry, self._directory).get("next_step_at")) and at <= now
            ]
        return [falling for _, falling in sorted(found, key=lambda each: each[0])[:limit]]

    async def alert(self) -> Alert | None:
        async with self._store.step("alert"):
            alerts = [
                held.entry.alert
                for held in self._store.entries.values()
                if isinstance(held.entry, Task) and held.entry.alert and not held.entry.ended_on
            ]
        return max(alerts, key=lambda a: (_LEVELS.index(a.level), a.episode), default=None)

    async def unshortened(self, episode: str, limit: int) -> Sequence[Falling]:
        async with self._store.step("unshortened"):
            return [
                Falling(Held(held.entry, held.revision))
                for held in self._store.entries.values()
                if isinstance(held.entry, Problem)
                and held.entry.status in OPEN - {Status.SUBMITTED, Status.SUSPENDED}
                and held.entry.alert != episode
            ][:limit]
