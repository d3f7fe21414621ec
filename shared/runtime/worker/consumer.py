"""Faust's consumer with our own account of offsets.

Faust 0.15.3 commits past a record in flight in three cases (its issue #606: by one at the head of
the list, with nothing committed yet, and after a gap in the offsets), it lets the acknowledgement
of a record from before a rebalance count for the partition's new life, and it takes an offset for
committed although the broker refused the commit (#316). Here a partition is committed up to the
first record that was delivered and not acknowledged, in this generation; nothing else counts.
`tests/integration/kafka/test_offsets.py` fails when Faust itself has the fix.
"""

import asyncio
import contextlib
import types
from collections import defaultdict
from collections.abc import Coroutine, Generator, Iterable, Mapping
from functools import partial
from typing import Any

from faust.transport.drivers import aiokafka as driver
from mode.threads import WorkerThread

from shared.runtime.worker.offsets import Offsets

_LAST_COMMIT = 1.0
_DELIVERY = "counted_delivery"


@types.coroutine
def _the_rest(begun: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """A coroutine that was run up to its first wait, from there on."""
    while True:
        try:
            sent = yield waits_for
        except BaseException as error:
            step = partial(begun.throw, error)
        else:
            step = partial(begun.send, sent)
        try:
            waits_for = step()
        except StopIteration:
            return


async def _ended(begun: Coroutine[Any, Any, None], waits_for: Any) -> None:
    await _the_rest(begun, waits_for)


class _Thread(WorkerThread):  # type: ignore[misc]  # faust and mode are untyped to us
    """Faust's consumer thread tries for ever to reach its broker: the process must not wait."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.daemon = True

    def run(self) -> None:
        # Ended while it still tried, it ends by a cancellation that nobody needs to hear of.
        with contextlib.suppress(asyncio.CancelledError):
            super().run()


class ExactConsumer(driver.Consumer):  # type: ignore[misc]
    """Commits no offset whose record, or one before it, is not acknowledged."""

    callback: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account: defaultdict[Any, Offsets] = defaultdict(Offsets)
        self.acknowledged = 0
        """How many acknowledgements counted since the start: the watchdog's sign of life."""
        self._open = False
        """Whether partitions are ours: between revocation and assignment nothing counts, because
        Faust acknowledges what it throws away then."""
        deliver: Any = self.callback

        async def counted_delivery(message: Any) -> None:
            if self.is_current(message):
                self.account[message.tp].delivered(message.offset)
            await deliver(message)

        self.callback = counted_delivery

    async def wait_first(self, *coros: Any, timeout: Any = None) -> Any:  # noqa: ASYNC109
        """Faust's drainer waits here for the delivery of each message or a suspension of the flow,
        with a task for each. Most deliveries never wait, and are done without any task."""
        if len(coros) == 2 and getattr(coros[0], "__name__", None) == _DELIVERY:
            delivery, suspension = coros
            try:
                waits_for = delivery.send(None)
            except StopIteration:
                suspension.close()
                return None
            coros = (_ended(delivery, waits_for), suspension)
        return await super().wait_first(*coros, timeout=timeout)

    def ack(self, message: Any) -> bool:
        if not self.is_current(message):
            # Whoever has the partition now gets it again.
            message.acked = True
            self._unacked_messages.discard(message)
            return False
        if not super().ack(message):
            return False
        self.account[message.tp].finished(message.offset)
        self.acknowledged += 1
        return True

    def is_current(self, message: Any) -> bool:
        """Whether its partition is ours in the same generation as when it was delivered."""
        return self._open and message.generation_id == self.app.consumer_generation_id

    @property
    def settled(self) -> bool:
        """Whether the group has told us our partitions."""
        return self._open

    @property
    def in_hand(self) -> int:
        """Records delivered and not acknowledged, over all partitions."""
        return sum(offsets.in_hand for offsets in self.account.values())

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterable[Any]:
        return [tp for tp in self.account if topics is None or tp in topics or tp.topic in topics]

    def _new_offset(self, tp: Any) -> int | None:
        committable = self.account[tp].committable
        if committable is not None:
            # Faust's own lists only grow where its own rule does not shorten them.
            self._acked[tp] = [offset for offset in self._acked[tp] if offset >= committable]
            self._acked_index[tp] = set(self._acked[tp])
        return committable

    async def _add_gap(self, tp: Any, offset_from: int, offset_to: int) -> None:
        """Our account knows no gaps."""

    async def _commit_offsets(
        self, offsets: Mapping[Any, int], start_new_transaction: bool = True
    ) -> bool:
        before = {tp: self._committed_offset[tp] for tp in offsets}
        done: bool = await super()._commit_offsets(offsets, start_new_transaction)
        if not done:
            self._committed_offset.update(before)
        return done

    async def commit_and_end_transactions(self) -> None:
        """The last commit before the end; what it cannot commit comes again."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_COMMIT):
                await super().commit_and_end_transactions()

    def _new_consumer_thread(self) -> Any:
        return driver.AIOKafkaConsumerThread(
            self, loop=self.loop, beacon=self.beacon, Worker=_Thread
        )

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        self._open = False
        self.account.clear()
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[Any], generation_id: int = 0) -> None:
        self.account.clear()
        self._open = True
        await super().on_partitions_assigned(assigned, generation_id)


class Transport(driver.Transport):  # type: ignore[misc]
    Consumer = ExactConsumer
