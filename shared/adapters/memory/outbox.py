"""The relay's side of the entries in memory."""

from collections.abc import Sequence
from datetime import datetime

from shared.adapters.memory.filing import file_away
from shared.adapters.memory.store import Store, Stored
from shared.application.ports import Waiting


class MemoryOutbox:
    """Implements Outbox."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def waiting(self, limit: int) -> list[Waiting]:
        async with self._store.step("waiting"):
            found = [
                Waiting(stored.entry.id, revision, outgoing)
                for stored in self._oldest_first()
                for revision, outgoing in stored.outbox
            ]
        return found[:limit]

    def _oldest_first(self) -> list[Stored]:
        waiting = [stored for stored in self._store.entries.values() if stored.outbox]
        return sorted(waiting, key=lambda stored: min(item.at for _, item in stored.outbox))

    async def file(self, items: Sequence[Waiting]) -> None:
        await file_away(
            self._store,
            [item.outgoing.change for item in items if item.outgoing.change is not None],
            [item.outgoing.answer for item in items],
        )

    async def clear(self, items: Sequence[Waiting]) -> None:
        for item in items:
            async with self._store.step("clear"):
                stored = self._store.entries.get(item.entry_id)
                if stored is not None:
                    stored.outbox[:] = [each for each in stored.outbox if each[0] != item.revision]

    async def backlog(self, limit: int) -> tuple[int, datetime | None]:
        async with self._store.step("backlog"):
            waiting = self._oldest_first()
        oldest = min(item.at for _, item in waiting[0].outbox) if waiting else None
        return min(len(waiting), limit), oldest
