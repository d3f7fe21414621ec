"""What the rules' engine needs from the world.

State, positions and outgoing findings of a rule under one key are one document, so one write. A
crash before it repeats the signals, a crash after it finds their positions taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from shared.contract.trace import Trace
from shared.declaration.signal import Observed

Positions = Mapping[str, int]
"""`topic:partition` → the offset of the last signal of it that the state has seen."""


class Clash(Exception):
    """Another replica wrote some of these documents first. What was written stays; look again."""


@dataclass(frozen=True)
class Taken:
    """One signal as it stands in its topic; `source` and `id` are its CloudEvents identity."""

    observed: Observed
    source: str
    id: str
    topic: str
    partition: int
    offset: int
    trace: Trace | None = None

    @cached_property
    def at(self) -> str:
        """The name of its partition in positions."""
        return f"{self.topic}:{self.partition}"


@dataclass(frozen=True)
class Outbound:
    """What a rule sends: a finding, or an order to a line. `body` is its JSON form."""

    id: str
    kind: str
    """`finding` or `order`"""
    line: str
    """Whose topic it goes to."""
    key: str
    body: dict[str, Any]
    trace: Trace | None = None
    """Of the signal that brought it about; None where time did."""


@dataclass(frozen=True)
class Memory:
    """What a rule remembers under one key, as its document holds it. `state` is its JSON text: the
    rule alone reads it, so the database need not take it apart."""

    id: str
    revision: int
    """0: not written yet."""
    state: str
    positions: Positions = field(default_factory=dict)
    wake_at: datetime | None = None


@dataclass(frozen=True)
class Step:
    """One document's way through a batch: guarded by the revision of `before`."""

    before: Memory
    after: Memory
    out: tuple[Outbound, ...] = ()


class RuleMemories(Protocol):
    """A line's rule states."""

    async def load(self, ids: Sequence[str]) -> dict[str, Memory]:
        """Those that exist, by id."""
        ...

    async def write(self, steps: Sequence[Step]) -> None:
        """Write every step whose document still has the revision before. Raises Clash when some
        had not: they are left alone, the others are written."""
        ...

    async def waiting(self, limit: int) -> list[tuple[str, Outbound]]:
        """What was written but not yet sent, of at most `limit` documents: (document id,
        outbound), in order within a document."""
        ...

    async def sent(self, what: Sequence[tuple[str, str]]) -> None:
        """Take (document id, outbound id) out of the outboxes."""
        ...

    async def due(self, now: datetime, limit: int) -> list[Memory]:
        """Documents whose `wake_at` has come, the earliest first."""
        ...

    async def highest(self) -> dict[str, int]:
        """The highest position seen of each partition, over all documents."""
        ...

    async def forget_positions(self) -> int:
        """Take the positions out of all documents (the topics are others now); how many."""
        ...


class SignalStore(Protocol):
    """Raw signals, kept for the county's days."""

    async def keep(self, taken: Sequence[Taken]) -> set[int]:
        """Keep each under its source and id. Returns the indices of copies: those that were kept
        from another place of the topic before. The same place again is no copy."""
        ...
