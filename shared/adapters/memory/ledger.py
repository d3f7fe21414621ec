"""A line's ledgers in memory, in the same steps that the database takes."""

from collections.abc import Sequence
from datetime import datetime

from shared.adapters.memory.filing import file_away
from shared.adapters.memory.store import Store, Stored
from shared.application.ports import (
    EARLIER_MOST,
    OUTBOX_LIMIT,
    AnyEntry,
    Found,
    Held,
    OutboxFull,
    Outgoing,
    Write,
)
from shared.contract.messages import Answer, Change
from shared.domain.entry import Place
from shared.domain.problem import UNTRUE, Problem
from shared.domain.verification import Earlier


class MemoryLedger:
    """Implements Ledger."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, entry_id: str, command_id: str) -> Found:
        held, answer = None, None
        async with self._store.step("find.entry"):
            stored = self._store.entries.get(entry_id)
            if stored is not None:
                held = Held(stored.entry, stored.revision)
                answer = _waiting_answer(stored, command_id)
        if answer is None:
            async with self._store.step("find.receipt"):
                answer = self._store.receipts.get(command_id)
        return Found(held, answer)

    async def create(self, entry: AnyEntry, outgoing: Outgoing) -> bool:
        async with self._store.step("create"):
            if entry.id in self._store.entries:
                return False
            self._store.entries[entry.id] = Stored(entry, 1, [(1, outgoing)])
            self._store.places.change(None, entry)
        return True

    async def write(self, held: Held, after: AnyEntry, outgoing: Outgoing) -> bool:
        async with self._store.step("write"):
            return self._guarded(held.revision, after, outgoing)

    async def write_all(self, writes: Sequence[Write]) -> bool:
        """One atomic step a document: a crash may leave some written and some not."""
        all_written = True
        for each in writes:
            async with self._store.step("write"):
                try:
                    written = self._guarded(each.held.revision, each.after, each.outgoing)
                except OutboxFull:
                    written = False
            all_written = all_written and written
        return all_written

    async def refuse(self, held: Held, outgoing: Outgoing) -> bool:
        async with self._store.step("refuse"):
            return self._guarded(held.revision, held.entry, outgoing)

    def _guarded(self, revision: int, after: AnyEntry, outgoing: Outgoing) -> bool:
        stored = self._store.entries.get(after.id)
        if stored is None or stored.revision != revision:
            return False
        if len(stored.outbox) >= OUTBOX_LIMIT:
            raise OutboxFull(f"entry {after.id} has no room for another outbox item")
        self._store.places.change(stored.entry, after)
        stored.entry = after
        stored.revision += 1
        stored.outbox.append((stored.revision, outgoing))
        return True

    async def file_answer(self, answer: Answer) -> Answer:
        async with self._store.step("file_answer"):
            return self._store.receipts.setdefault(answer.command, answer)

    async def take_in(self, after: Problem, outgoing: Outgoing) -> bool:
        async with self._store.step("take_in"):
            stored = self._store.entries.get(after.id)
            if stored is None:
                self._store.entries[after.id] = Stored(after, 1, [(1, outgoing)])
                self._store.places.change(None, after)
                return True
            if stored.entry.version >= after.version:
                return False
            return self._guarded(stored.revision, after, outgoing)

    async def keep_part(self, changes: Sequence[Change], answers: Sequence[Answer]) -> None:
        await file_away(self._store, changes, answers)

    async def history(self, entry_id: str, after_version: int, limit: int) -> list[Change]:
        async with self._store.step("history.entry"):
            stored = self._store.entries.get(entry_id)
            if stored is None:
                return []
            newest = stored.entry.version
            waiting = [item.change for _, item in stored.outbox if item.change is not None]
        async with self._store.step("history.filed"):
            found = {c.version: c for c in waiting}
            found |= {v: c for (of, v), c in self._store.history.items() if of == entry_id}
        versions = [v for v in sorted(found) if after_version < v <= newest]
        return [found[v] for v in versions[:limit]]

    async def answers_of(self, entry_id: str, limit: int) -> list[Answer]:
        async with self._store.step("answers.entry"):
            stored = self._store.entries.get(entry_id)
            waiting = [item.answer for _, item in stored.outbox] if stored else []
        async with self._store.step("answers.filed"):
            found = {a.command: a for a in self._store.receipts.values() if a.entry_id == entry_id}
        found |= {answer.command: answer for answer in waiting}
        newest = sorted(found.values(), key=lambda a: (a.at, a.version or 0), reverse=True)
        return newest[:limit]

    async def answer(self, command_id: str) -> Answer | None:
        async with self._store.step("answer.entries"):
            for stored in self._store.entries.values():
                answer = _waiting_answer(stored, command_id)
                if answer is not None:
                    return answer
        async with self._store.step("answer.receipt"):
            return self._store.receipts.get(command_id)

    async def earlier(
        self, category: str, place: Place, site: str | None, metres: float, since: datetime
    ) -> list[Earlier]:
        async with self._store.step("earlier"):
            ids = self._store.places.of(category, place, site, metres)
            entries = [self._store.entries[id_].entry for id_ in ids]
        found = [
            Earlier(id=held.id, number=held.number, found_at=held.found_at)
            for held in entries
            if isinstance(held, Problem) and held.found_at >= since and held.status not in UNTRUE
        ]
        return sorted(found, key=lambda each: each.found_at, reverse=True)[:EARLIER_MOST]

    async def next_serial(self, prefix: str, year: int) -> int:
        async with self._store.step("next_serial"):
            serial = self._store.serials.get((prefix, year), 0) + 1
            self._store.serials[prefix, year] = serial
            return serial


def _waiting_answer(stored: Stored, command_id: str) -> Answer | None:
    answers = (item.answer for _, item in stored.outbox)
    return next((answer for answer in answers if answer.command == command_id), None)
