"""Lines in memory whose steps interleave, fail and crash by a seed, and a clock that only rises."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.adapters.memory.ledger import MemoryLedger
from shared.adapters.memory.outbox import MemoryOutbox
from shared.adapters.memory.store import Store, When
from shared.application.handler import Handler
from shared.application.ports import Unavailable
from shared.contract.messages import Answer, Change, Command
from shared.domain.actor import Actor
from shared.domain.decide import entry_from
from shared.domain.entry import Kind
from tests.unit.domain.world import LEAD, NOW, SmallCounty, facts

NO_ANSWER = {"moved", "unavailable"}
"""Signposts: the command is still to be decided somewhere else or later."""


class Crash(Exception):
    """The process ends here; whoever delivered the message will deliver it again."""


class RisingClock:
    def __init__(self) -> None:
        self._now = NOW

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now


@dataclass
class ShakyStore(Store):
    """Steps take a random number of turns, so that what is concurrent meets in every order."""

    dice: random.Random = field(default_factory=lambda: random.Random(0))
    trouble: float = 0.0
    """Probability that a step fails, before or after it took effect."""

    def __post_init__(self) -> None:
        self.fault = self._maybe

    def _maybe(self, step: str, when: When) -> None:
        self.check()
        if self.dice.random() < self.trouble:
            raise Unavailable(f"{step}, {when}") if self.dice.random() < 0.7 else Crash(step)

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[None]:
        for _ in range(self.dice.randrange(4)):
            await asyncio.sleep(0)
        async with super().step(name):
            yield

    def check(self) -> None:
        """State and events are one write: at every step the changes reach up to the version."""
        for entry_id, stored in self.entries.items():
            assert stored.entry.version in self.changes_of(entry_id), f"{entry_id}: no change"
            revisions = [revision for revision, _ in stored.outbox]
            assert revisions == sorted(set(revisions)) and all(
                revision <= stored.revision for revision in revisions
            )

    def changes_of(self, entry_id: str) -> dict[int, Change]:
        """By version, filed or waiting."""
        stored = self.entries.get(entry_id)
        waiting = [o.change for _, o in stored.outbox if o.change is not None] if stored else []
        filed = [change for (of, _), change in self.history.items() if of == entry_id]
        return {change.version: change for change in (*filed, *waiting)}


@dataclass
class Side:
    """One line: its database, and handlers as its replicas have them."""

    key: str
    store: ShakyStore
    clock: RisingClock

    def handler(self) -> Handler:
        return Handler(facts(self.key), SmallCounty(), self.ledger, self.clock)

    @property
    def ledger(self) -> MemoryLedger:
        return MemoryLedger(self.store)

    @property
    def outbox(self) -> MemoryOutbox:
        return MemoryOutbox(self.store)


def command(
    id_: str,
    entry: str,
    name: str,
    body: dict[str, Any],
    actor: Actor = LEAD,
    version: int | None = None,
    kind: Kind = Kind.PROBLEM,
) -> Command:
    return Command(
        id=id_, kind=kind, entry=entry, name=name, body=body, actor=actor,
        expected_version=version, issued_at=NOW,
    )  # fmt: skip


def is_answer(answer: Answer) -> bool:
    """Whether it settles the command under its own body."""
    return answer.refusal is None or answer.refusal.type not in NO_ANSWER | {"key-reused"}


def replay(first: dict[str, Any], changes: list[Change]) -> dict[str, Any]:
    """The entry in JSON form, from its first version and what each later change says."""
    entry = dict(first)
    for change in changes:
        if change.version == 1:
            continue
        assert change.version == entry["version"] + 1 == change.before + 1, "versions have no gaps"
        for field_name, (old, new) in change.changed.items():
            assert entry[field_name] == old, f"{field_name} was not what the change says"
            entry[field_name] = new
        entry |= {
            "version": change.version,
            "updated_at": change.model_dump(mode="json")["at"],
            "updated_by": change.actor.model_dump(mode="json"),
        }
    assert entry_from(entry).model_dump(mode="json") == entry
    return entry
