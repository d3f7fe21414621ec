"""Rule states and raw signals in memory, in the same steps that the database takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.adapters.memory.store import Store
from shared.application.signals.ports import Clash, Memory, Outbound, Step, Taken


@dataclass
class Kept:
    """What a line's database holds for its rules."""

    memories: dict[str, Memory] = field(default_factory=dict)
    outboxes: dict[str, list[Outbound]] = field(default_factory=dict)
    signals: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)


class MemoryMemories:
    """Implements RuleMemories."""

    def __init__(self, store: Store, kept: Kept) -> None:
        self._store = store
        self._kept = kept

    async def load(self, ids: Sequence[str]) -> dict[str, Memory]:
        async with self._store.step("memories.load"):
            return {i: self._kept.memories[i] for i in ids if i in self._kept.memories}

    async def write(self, steps: Sequence[Step]) -> None:
        """One atomic step a document: a crash may leave some written and some not."""
        clash = False
        for step in steps:
            async with self._store.step("memories.write"):
                held = self._kept.memories.get(step.before.id)
                if (held.revision if held else 0) != step.before.revision:
                    clash = True
                    continue
                self._kept.memories[step.after.id] = step.after
                self._kept.outboxes.setdefault(step.after.id, []).extend(step.out)
        if clash:
            raise Clash

    async def waiting(self, limit: int) -> list[tuple[str, Outbound]]:
        async with self._store.step("memories.waiting"):
            found = [(i, out) for i, outbox in self._kept.outboxes.items() for out in outbox]
            return found[:limit]

    async def sent(self, what: Sequence[tuple[str, str]]) -> None:
        async with self._store.step("memories.sent"):
            for id_, out_id in what:
                outbox = self._kept.outboxes.get(id_, [])
                outbox[:] = [out for out in outbox if out.id != out_id]

    async def due(self, now: datetime, limit: int) -> list[Memory]:
        async with self._store.step("memories.due"):
            due = [m for m in self._kept.memories.values() if m.wake_at and m.wake_at <= now]
            return sorted(due, key=lambda m: (m.wake_at, m.id))[:limit]

    async def highest(self) -> dict[str, int]:
        async with self._store.step("memories.highest"):
            found: dict[str, int] = {}
            for memory in self._kept.memories.values():
                for partition, offset in memory.positions.items():
                    found[partition] = max(offset, found.get(partition, -1))
            return found

    async def forget_positions(self) -> int:
        async with self._store.step("memories.forget"):
            for id_, m in self._kept.memories.items():
                self._kept.memories[id_] = Memory(m.id, m.revision + 1, m.state, {}, m.wake_at)
            return len(self._kept.memories)


class MemorySignals:
    """Implements SignalStore."""

    def __init__(self, store: Store, kept: Kept) -> None:
        self._store = store
        self._kept = kept

    async def keep(self, taken: Sequence[Taken]) -> set[int]:
        copies = set()
        for index, signal in enumerate(taken):
            async with self._store.step("signals.keep"):
                place = (signal.at, signal.offset)
                if self._kept.signals.setdefault((signal.source, signal.id), place) != place:
                    copies.add(index)
        return copies
