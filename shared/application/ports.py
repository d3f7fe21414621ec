"""What the handlers need from the world. Adapters implement these; one contract suite tests both.

Every decision about an entry, applied or refused, is one guarded write to that entry's document:
the new state, its change and the command's answer go in together, guarded by `revision`, which
rises with each such write. A relay later files the answer as a receipt and the change as history,
publishes, and only then takes them out of the document. So a reader that looks at the document
first and at the receipts second can never miss an answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from shared.contract.messages import Answer, Change, Command
from shared.contract.trace import Trace, current
from shared.domain.entry import Place
from shared.domain.problem import Problem
from shared.domain.responsibility import Responsibility
from shared.domain.task import Task
from shared.domain.verification import Earlier

AnyEntry = Problem | Task | Responsibility

OUTBOX_LIMIT = 200
"""Outbox items that one document holds before its writers are told to wait."""
RECEIPT_DAYS = 30
EARLIER_MOST = 50


class Unavailable(Exception):
    """The database or broker cannot be reached or did not confirm; the effect is unknown.

    Whoever catches it re-reads by command id; it never assumes.
    """


class OutboxFull(Exception):
    """An entry's outbox holds `OUTBOX_LIMIT` items: the broker has been away for too long."""


@dataclass(frozen=True)
class Held:
    """An entry as its document holds it; `revision` guards the next write."""

    entry: AnyEntry
    revision: int


@dataclass(frozen=True)
class Found:
    """What a handler sees before it decides."""

    held: Held | None
    answer: Answer | None
    """The answer that the command already has, from the outbox or from the receipts."""


@dataclass(frozen=True)
class Outgoing:
    """One outbox item, written together with the decision that made it.

    `change` is None for a refusal. `follow_ups` are commands for other entries or lines
    (line key, command), sent by the relay before the item is cleared.
    """

    answer: Answer
    change: Change | None
    at: datetime
    follow_ups: tuple[tuple[str, Command], ...] = ()
    trace: Trace | None = field(default_factory=current)
    """Of what was decided: the relay publishes later, perhaps in another life of the process."""


@dataclass(frozen=True)
class Waiting:
    """An outbox item as the relay finds it; `revision` names it within its document."""

    entry_id: str
    revision: int
    outgoing: Outgoing


@dataclass(frozen=True)
class Write:
    """One entry's next version and the outbox item that tells of it."""

    held: Held
    after: AnyEntry
    outgoing: Outgoing


class Ledger(Protocol):
    """A line's ledgers. All writes are majority-acknowledged and journaled when they return."""

    async def find(self, entry_id: str, command_id: str) -> Found:
        """The entry's document first (with its outbox), the receipts second; the order matters."""
        ...

    async def create(self, entry: AnyEntry, outgoing: Outgoing) -> bool:
        """Insert version 1 with its outbox item; False when the id exists."""
        ...

    async def write(self, held: Held, after: AnyEntry, outgoing: Outgoing) -> bool:
        """Write what differs between `held.entry` and `after` by operators, and the outbox item.

        False when the document's revision is no longer `held.revision`. Raises OutboxFull.
        """
        ...

    async def write_all(self, writes: Sequence[Write]) -> bool:
        """Write different entries at one go, each guarded as in `write`; no order among them.

        True when all were written. False: some were not, and it is not said which or why; whoever
        gets it looks again by command.
        """
        ...

    async def refuse(self, held: Held, outgoing: Outgoing) -> bool:
        """Write a refusal's outbox item, guarded likewise; the entry stays as it is."""
        ...

    async def file_answer(self, answer: Answer) -> Answer:
        """File a receipt directly (for a command whose entry does not exist).

        Returns the receipt that stands: the first one filed under that command wins.
        """
        ...

    async def take_in(self, after: Problem, outgoing: Outgoing) -> bool:
        """Set a handed-over problem in place of a missing document or of a lower version.

        False when the same or a higher version is there already.
        """
        ...

    async def keep_part(self, changes: Sequence[Change], answers: Sequence[Answer]) -> None:
        """Keep a handed-over problem's earlier history and receipts; repeats are harmless."""
        ...

    async def history(self, entry_id: str, after_version: int, limit: int) -> list[Change]:
        """Filed changes and those still in the outbox, by rising version."""
        ...

    async def answers_of(self, entry_id: str, limit: int) -> list[Answer]:
        """Receipts of an entry and answers still in its outbox, the newest first."""
        ...

    async def answer(self, command_id: str) -> Answer | None:
        """The receipt of a command, filed or still in an outbox."""
        ...

    async def earlier(
        self, category: str, place: Place, site: str | None, metres: float, since: datetime
    ) -> list[Earlier]:
        """Problems of this category found since then within `metres`, or at a site of this name in
        the same town, the newest first; what was untrue, merged or moved away does not count. At
        most EARLIER_MOST."""
        ...

    async def next_serial(self, prefix: str, year: int) -> int:
        """The next problem number of that prefix and year, from 1; a crash may leave a gap."""
        ...


class Outbox(Protocol):
    """The relay's side of the same documents."""

    async def waiting(self, limit: int) -> list[Waiting]:
        """Outbox items, the oldest document first, items of one document in order."""
        ...

    async def file(self, items: Sequence[Waiting]) -> None:
        """File changes as history and answers as receipts; repeats are harmless."""
        ...

    async def clear(self, items: Sequence[Waiting]) -> None:
        """Take the items out of their documents, after the broker has them."""
        ...

    async def backlog(self, limit: int) -> tuple[int, datetime | None]:
        """(documents with outbox items, counted up to `limit`; time of the oldest item)."""
        ...


class Leases(Protocol):
    """One holder at a time for a named job, as far as clocks allow; fencing does the rest."""

    async def acquire(self, name: str, holder: str, seconds: float) -> bool:
        """Take or renew the lease; False while somebody else's has not run out."""
        ...

    async def release(self, name: str, holder: str) -> None: ...


class Tries(Protocol):
    """Counts how often the handling of a message was begun, across crashes of the process."""

    async def begin(self, topic: str, partition: int, offset: int) -> int:
        """Count one more try; the number of tries, this one included. Raises Unavailable."""
        ...

    async def done(self, topic: str, partition: int, offset: int) -> None:
        """Forget the message: it was handled, or went to the dead letters. Raises Unavailable."""
        ...
