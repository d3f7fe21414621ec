"""A batch of signals through a line's rules: kept, folded, written, sent. Then it may be acknowledged."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from shared.application.ports import Unavailable
from shared.application.signals.engine import RuleEngine
from shared.application.signals.ports import (
    Clash,
    Memory,
    Outbound,
    RuleMemories,
    SignalStore,
    Step,
    Taken,
)

log = logging.getLogger(__name__)

CLASHES = 20
"""Tries to write a batch that other replicas write to as well."""
REMEMBERED = 20_000
"""Documents held in this process, so that a batch need not read them again."""
SEND_AT_ONCE = 500


class Sender(Protocol):
    async def send(self, what: Sequence[Outbound]) -> None:
        """Returns when the broker has them all, those of a key in order. Raises Unavailable."""
        ...


class SignalRunner:
    """The signals of one replica. Every method raises Unavailable when the world is away; nothing
    is lost by it, and the same call may be made again."""

    def __init__(
        self,
        line: str,
        engine: RuleEngine,
        memories: RuleMemories,
        store: SignalStore,
        sender: Sender,
    ) -> None:
        self._line = line
        self._engine = engine
        self._memories = memories
        self._store = store
        self._sender = sender
        self._held: OrderedDict[str, Memory] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()
        self._unsent = True
        """A life before this one may have left findings behind."""

    async def take(self, batch: Sequence[Taken]) -> int:
        """Returns when the effect of every signal is durable and its findings are sent: how many
        were copies of signals that had been there under the same source and id."""
        async with self._one_at_a_time:
            return await self._take(batch)

    async def _take(self, batch: Sequence[Taken]) -> int:
        await self.send_waiting()
        own = [taken for taken in batch if taken.observed.line == self._line]
        copies = await self._store.keep(own)
        dropped = {id(own[index]) for index in copies}
        concerned = self._engine.concerned(t for t in batch if id(t) not in dropped)
        for _ in range(CLASHES):
            ids = sorted({id_ for _, ids in concerned for id_ in ids})
            steps = self._engine.fold(concerned, await self._load(ids))
            if await self._write(steps):
                # After a clash: what was written before it has not been sent yet.
                await self.send_waiting()
                return len(copies)
        raise Unavailable(f"{CLASHES} clashes in a row over the memories of {self._line}")

    async def wake(self, now: datetime) -> int:
        """Wake the documents whose time has come; how many. By `now` at the latest all signals must
        have had their effect: a rule takes it that what it has not heard was not said."""
        async with self._one_at_a_time:
            return await self._wake(now)

    async def _wake(self, now: datetime) -> int:
        await self.send_waiting()
        due = [m for m in await self._memories.due(now, SEND_AT_ONCE) if self._engine.knows(m.id)]
        if due and await self._write([self._engine.wake(memory, now) for memory in due]):
            return len(due)
        return 0

    async def send_waiting(self) -> None:
        """Send what was written but not sent, by whomever."""
        while self._unsent:
            waiting = await self._memories.waiting(SEND_AT_ONCE)
            await self._send(waiting)
            self._unsent = bool(waiting)

    async def _load(self, ids: Sequence[str]) -> dict[str, Memory]:
        missing = [id_ for id_ in ids if id_ not in self._held]
        if missing:
            for id_, memory in (await self._memories.load(missing)).items():
                self._held[id_] = memory
        return {id_: self._held[id_] for id_ in ids if id_ in self._held}

    async def _write(self, steps: Sequence[Step]) -> bool:
        """False when somebody else wrote some of them: look at all of them again."""
        if not steps:
            return True
        for step in steps:
            # Until the write is confirmed nobody may believe that it knows what is held.
            self._held.pop(step.before.id, None)
        unsent, self._unsent = self._unsent, True
        try:
            await self._memories.write(steps)
        except Clash:
            return False
        for step in steps:
            self._held[step.after.id] = step.after
        while len(self._held) > REMEMBERED:
            self._held.popitem(last=False)
        await self._send([(step.after.id, out) for step in steps for out in step.out])
        self._unsent = unsent
        return True

    async def _send(self, what: Sequence[tuple[str, Outbound]]) -> None:
        if not what:
            return
        await self._sender.send([out for _, out in what])
        await self._memories.sent([(id_, out.id) for id_, out in what])
