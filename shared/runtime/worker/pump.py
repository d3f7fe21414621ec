"""From events to handlers: what has queued up is one batch, keys side by side, one key in order."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from shared.runtime.worker.patience import Patience
from shared.runtime.worker.record import Record, Subscription, Together
from shared.runtime.worker.spans import Spans
from shared.runtime.worker.trial import Trial

BATCH = 2000
"""Records in hand at most: what a crash repeats, and what one bulk write holds."""
AT_ONCE = 32
"""Keys of a batch that are handled at the same time."""


class Pump:
    """Takes events from Faust's stream and acknowledges each after its handling has ended.

    What is handled together has a lane of its own, and so has all that is handled record by record:
    a finding does not wait until the signals that queue up beside it are through.
    """

    def __init__(
        self,
        subscriptions: Mapping[str, Subscription],
        spans: Spans,
        trial: Trial,
        patience: Patience,
        is_current: Callable[[Any], bool],
    ) -> None:
        """`is_current` tells whether an event's partition is still ours as it was delivered."""
        calls = {each.together for each in subscriptions.values()}
        lanes = {call: _Lane(subscriptions, spans, trial, patience, is_current) for call in calls}
        self._lanes = list(lanes.values())
        self._lane_of = {topic: lanes[each.together] for topic, each in subscriptions.items()}

    async def put(self, event: Any) -> None:
        """Waits while a whole batch is queued already."""
        await self._lane_of[event.message.topic].put(event)

    def finish(self) -> None:
        """Start no further batch; `run` returns after those in hand."""
        for lane in self._lanes:
            lane.finish()

    async def run(self) -> None:
        """Until `finish`. Raises what must end the process, after the other lanes' batches."""
        running = [asyncio.create_task(lane.run()) for lane in self._lanes]
        try:
            await asyncio.wait(running, return_when=asyncio.FIRST_EXCEPTION)
            self.finish()
            ends = await asyncio.gather(*running, return_exceptions=True)
        finally:
            for lane in running:
                lane.cancel()
        for end in ends:
            if isinstance(end, BaseException):
                raise end


class _Lane:
    """One batch at a time.

    Batches form by themselves: one record when it is quiet, up to `BATCH` when they queue up, so
    that the note of what is in hand costs little under load and nobody waits for a batch to fill.
    """

    def __init__(
        self,
        subscriptions: Mapping[str, Subscription],
        spans: Spans,
        trial: Trial,
        patience: Patience,
        is_current: Callable[[Any], bool],
    ) -> None:
        self._subscriptions = subscriptions
        self._spans = spans
        self._trial = trial
        self._patience = patience
        self._is_current = is_current
        self._events: asyncio.Queue[Any] = asyncio.Queue(BATCH)
        self._stopping = False

    async def put(self, event: Any) -> None:
        await self._events.put(event)

    def finish(self) -> None:
        self._stopping = True
        if self._events.empty():
            self._events.put_nowait(None)

    async def run(self) -> None:
        while not self._stopping:
            batch = [await self._events.get()]
            while len(batch) < BATCH and not self._events.empty():
                batch.append(self._events.get_nowait())
            if self._stopping:
                return
            # Records from before a rebalance come again, here or elsewhere.
            batch = [event for event in batch if event is not None and self._is_current(event)]
            if batch:
                await self._handle([(event, _record(event)) for event in batch])

    async def _handle(self, batch: list[tuple[Any, Record]]) -> None:
        records = [record for _, record in batch]
        suspects = await self._patience.until_done(lambda: self._spans.enter(records))
        if suspects:
            for event, record in batch:
                await self._one(event, record, record in suspects)
            return
        by_key: dict[tuple[str, bytes | None], list[tuple[Any, Record]]] = {}
        by_call: dict[Together, list[tuple[Any, Record]]] = {}
        for event, record in batch:
            together = self._subscriptions[record.topic].together
            if together is not None:
                by_call.setdefault(together, []).append((event, record))
            else:
                by_key.setdefault((record.topic, record.key), []).append((event, record))
        places = asyncio.Semaphore(AT_ONCE)

        async def in_order(mine: list[tuple[Any, Record]]) -> None:
            async with places:
                for event, record in mine:
                    await self._one(event, record, suspect=False)

        # All of them end before the first failure is told: what was handled is acknowledged.
        ends = await asyncio.gather(
            *map(in_order, by_key.values()),
            *(self._together(mine, call) for call, mine in by_call.items()),
            return_exceptions=True,
        )
        for end in ends:
            if isinstance(end, BaseException):
                raise end

    async def _together(self, mine: list[tuple[Any, Record]], call: Together) -> None:
        await self._trial.together([record for _, record in mine], call)
        for event, _ in mine:
            event.ack()

    async def _one(self, event: Any, record: Record, suspect: bool) -> None:
        handle = self._subscriptions[record.topic].handle
        await (self._trial.again if suspect else self._trial.first)(record, handle)
        event.ack()


def _record(event: Any) -> Record:
    message = event.message
    return Record(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=message.key,
        value=message.value,
        headers=list(message.headers or ()),
        timestamp=int((message.timestamp or 0) * 1000),
    )
