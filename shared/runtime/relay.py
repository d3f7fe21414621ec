"""The outbox relay: what the ledgers decided goes to the broker, in order, by one relay at a time.

A lease picks the relay, and its transactional id fences the one before it: a relay that stalled and
comes back cannot publish version 5 after 6. What it reads from the outbox it reads after it opened
its producer, so nothing that it holds is older than its right to publish.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from shared.adapters.kafka.errors import Fenced, Rejected
from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.probe import backoff
from shared.adapters.kafka.producer import Producer
from shared.adapters.kafka.transactional import TransactionalProducer
from shared.application.ports import Leases, Ledger, Outbox, Unavailable, Waiting
from shared.application.transfer import RECEIVE
from shared.contract.envelope import COMMAND, encode, headers
from shared.contract.messages import Command
from shared.contract.topics import LineTopic, line_topic
from shared.contract.trace import following
from shared.domain.moments import Clock
from shared.runtime import tracing
from shared.runtime.handover_parts import parts_before
from shared.runtime.told import change_record, entry_record

log = logging.getLogger(__name__)

LEASE_SECONDS = 10.0
_RENEW = LEASE_SECONDS / 3
_POLL = 0.25
_STANDBY = 2.0
_ROUND = 200
_BACKLOG_EVERY, BACKLOG_MOST = 5.0, 10_000


class RelayState(StrEnum):
    STANDBY = "standby"
    """Another replica's relay publishes."""
    LEADING = "leading"
    TROUBLE = "trouble"
    """Broker or database do not answer, or a record is refused; it goes on trying."""


class Relay:
    """Files, publishes and clears outbox items until it is cancelled."""

    def __init__(
        self,
        *,
        namespace: str,
        line: str,
        replica: str,
        bootstrap: str,
        outbox: Outbox,
        ledger: Ledger,
        leases: Leases,
        commands: Producer,
        clock: Clock,
        seconds: float = 15.0,
    ) -> None:
        """`commands` sends follow-ups; `seconds` bounds one transaction."""
        self._namespace = namespace
        self._line = line
        self._holder = replica
        self._bootstrap = bootstrap
        self._outbox = outbox
        self._ledger = ledger
        self._leases = leases
        self._commands = commands
        self._clock = clock
        self._seconds = seconds
        self._lease = "relay"
        self._work = asyncio.Event()
        self._producer: TransactionalProducer | None = None
        self._renewed = float("-inf")
        self._counted = float("-inf")
        self.state = RelayState.STANDBY
        self.trouble = ""
        """What is wrong while the state is TROUBLE."""
        self.published = 0
        """Versions published since the start."""
        self.last_progress = time.monotonic()
        """When a round last ended, or found nothing to do."""
        self.backlog = 0
        """Documents that wait, as of the last count (every few seconds, while leading)."""
        self._oldest: datetime | None = None

    @property
    def oldest_seconds(self) -> float:
        """Age of the oldest change that waits, as of the last count; 0 where none waits."""
        if self._oldest is None:
            return 0.0
        return max(0.0, (self._clock.now() - self._oldest).total_seconds())

    def wake(self) -> None:
        """Something was written to an outbox: publish without waiting for the next look."""
        self._work.set()

    async def run(self) -> None:
        """Until cancelled. Trouble with broker or database is waited out."""
        pauses = backoff()
        try:
            while True:
                try:
                    idle = await self._turn()
                    pauses = backoff()
                except Fenced as error:
                    log.warning("relay of %s was fenced, standing back: %s", self._line, error)
                    await self._step_down()
                    idle = _STANDBY
                except (Unavailable, Rejected) as error:
                    log.warning("relay of %s waits: %s", self._line, error)
                    self.state, self.trouble = RelayState.TROUBLE, str(error)
                    await self._close(failed=True)
                    idle = next(pauses)
                    await asyncio.sleep(idle)
                    continue
                await self._rest(idle)
        finally:
            await self._leave()

    async def _turn(self) -> float:
        """One look; how long to rest afterwards, in seconds."""
        if not await self._hold():
            return _STANDBY
        if self._producer is None:
            # Also while the broker takes nothing, or refuses a record: then above all it is asked
            # how much waits and for how long.
            await self._count()
            producer = TransactionalProducer(
                self._bootstrap, f"{self._namespace}.{self._line}.relay", self._seconds
            )
            await producer.open()
            self._producer = producer
        self.state, self.trouble = RelayState.LEADING, ""
        # Cleared before the look: what is written after it sets it again.
        self._work.clear()
        items = await self._outbox.waiting(_ROUND)
        if items:
            await self._publish(self._producer, items)
        await self._count()
        self.last_progress = time.monotonic()
        return 0.0 if len(items) >= _ROUND else _POLL

    async def _hold(self) -> bool:
        if time.monotonic() - self._renewed < _RENEW:
            return True
        asked = time.monotonic()
        if await self._leases.acquire(self._lease, self._holder, LEASE_SECONDS):
            self._renewed = asked
            return True
        if self.state is RelayState.LEADING:
            log.warning("relay of %s lost its lease", self._line)
        await self._close(failed=False)
        self._stand_by()
        self.last_progress = time.monotonic()
        return False

    async def _publish(self, producer: TransactionalProducer, items: Sequence[Waiting]) -> None:
        spans = [self._told(item) for item in items]
        with tracing.ending(*spans):
            await self._outbox.file(items)
            sending, records = [], []
            for item, span in zip(items, spans, strict=True):
                with following(span.trace):
                    sending += await self._follow_ups(item)
                    records += self._records(item)
            await self._commands.send_all(sending)
            if records:
                await producer.publish(records)
            await self._outbox.clear(items)
        self.published += sum(item.outgoing.change is not None for item in items)

    def _told(self, item: Waiting) -> tracing.Span:
        """From the decision on: what lies in the outbox for long is seen to do so."""
        outgoing = item.outgoing
        return tracing.begin(
            f"publish {self._line}",
            outgoing.trace,
            "producer",
            self._clock.now() - outgoing.at,
            line=self._line,
            entry=item.entry_id,
            version=outgoing.change.version if outgoing.change else 0,
        )

    async def _follow_ups(self, item: Waiting) -> list[Outbound]:
        sending: list[Outbound] = []
        for target, command in item.outgoing.follow_ups:
            if command.name == RECEIVE:
                for part in await parts_before(self._ledger, command):
                    sending.append(self._command(target, part))
            sending.append(self._command(target, command))
        return sending

    def _command(self, target: str, command: Command) -> Outbound:
        return Outbound(
            line_topic(self._namespace, target, LineTopic.COMMANDS),
            command.entry.encode(),
            encode(command),
            headers(COMMAND, self._line, command.id, command.issued_at, command.entry),
        )

    def _records(self, item: Waiting) -> list[Outbound]:
        """The entry and its change; a refusal changes nothing that others need to know."""
        change, entry = item.outgoing.change, item.outgoing.answer.entry
        if change is None or entry is None:
            return []
        return [
            entry_record(self._namespace, self._line, entry, change.at),
            change_record(self._namespace, self._line, change),
        ]

    def _stand_by(self) -> None:
        """What waits is for the one who leads to tell; we would tell of it for ever."""
        self.state, self.trouble = RelayState.STANDBY, ""
        self.backlog, self._oldest, self._counted = 0, None, float("-inf")

    async def _count(self) -> None:
        if time.monotonic() - self._counted > _BACKLOG_EVERY:
            self.backlog, self._oldest = await self._outbox.backlog(BACKLOG_MOST)
            self._counted = time.monotonic()

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            if self.state is RelayState.LEADING:
                async with asyncio.timeout(seconds):
                    await self._work.wait()
            else:
                await asyncio.sleep(seconds)

    async def _step_down(self) -> None:
        await self._close(failed=True)
        self._renewed = float("-inf")
        self._stand_by()
        with contextlib.suppress(Unavailable):
            await self._leases.release(self._lease, self._holder)

    async def _close(self, *, failed: bool) -> None:
        # A round that did not end may have lost its right meanwhile: ask for the lease first.
        self._renewed = float("-inf")
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.close(failed=failed)

    async def _leave(self) -> None:
        """The next relay need not wait for our lease to run out. Bounded, also while cancelled."""
        ending = asyncio.ensure_future(self._step_down())
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({ending}, timeout=3)
