"""What a line's database holds, in memory, and where its steps can be made to fail."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from shared.adapters.memory.earlier import Places
from shared.application.ports import AnyEntry, Outgoing
from shared.contract.messages import Answer, Change

When = Literal["before", "after"]
Fault = Callable[[str, When], None]
"""Called before and after every step with its name. It may raise: Unavailable for a database that
is away, before or after the step took effect; anything else for a crash there."""


@dataclass
class Stored:
    """An entry's document. `outbox` holds (revision, item) in the order in which they were made."""

    entry: AnyEntry
    revision: int
    outbox: list[tuple[int, Outgoing]]


@dataclass(frozen=True)
class Lease:
    holder: str
    since: datetime
    until: datetime


def _no_fault(step: str, when: When) -> None:
    pass


@dataclass
class Store:
    """One line's database; the ports over it may come and go as its processes do."""

    entries: dict[str, Stored] = field(default_factory=dict)
    history: dict[tuple[str, int], Change] = field(default_factory=dict)
    receipts: dict[str, Answer] = field(default_factory=dict)
    serials: dict[tuple[str, int], int] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    tries: dict[tuple[str, int, int], int] = field(default_factory=dict)
    places: Places = field(default_factory=Places)
    fault: Fault = _no_fault

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[None]:
        """One atomic step: others have their turn before and after it, never within."""
        await asyncio.sleep(0)
        self.fault(name, "before")
        yield
        self.fault(name, "after")
        await asyncio.sleep(0)
