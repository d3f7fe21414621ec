"""The live stream's source: one reader a replica for all clients, and the last events in memory.

A client is a position in that memory, not a queue: a thousand clients hold no event twice. One
that resumes from before the memory reads the topic itself until it has caught up; one that was
there and fell behind is too slow and is told so.
"""

import asyncio
import itertools
import logging
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from aiokafka import TopicPartition

from services.gateway.following import Following
from services.gateway.published import PublishedChange
from services.gateway.reader import Reader
from shared.application.ports import Unavailable
from shared.contract.envelope import PUBLISHED_CHANGE, Unreadable, decode
from shared.contract.topics import SharedTopic, shared_topic
from shared.runtime.worker.record import Record

log = logging.getLogger(__name__)
MEMORY = 5_000
"""Events that are kept in memory; also how far a client may fall behind."""
REPEATS = 5_000
"""Events before a resumed position that are read to recognise repeats: more than one round of the
projector, which is what a crash can publish twice."""
HEARTBEAT = 15.0
CATCH_UPS = 4
"""Clients that read the topic themselves at the same time."""


@dataclass(frozen=True)
class Event:
    offset: int
    change: PublishedChange


class Reset(Exception):
    """The position asked for is older than what is kept, or is none: begin anew at `end`."""

    def __init__(self, end: int) -> None:
        super().__init__(end)
        self.end = end


class TooSlow(Exception):
    """The client fell behind the memory."""


class Repeats:
    """Recognises (entry, version) pairs that have come before."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, int], None] = OrderedDict()

    def is_new(self, change: PublishedChange) -> bool:
        key = (change.entry, change.version)
        if key in self._seen:
            return False
        self._seen[key] = None
        if len(self._seen) > 4 * REPEATS:
            self._seen.popitem(last=False)
        return True


def read_change(record: Record) -> PublishedChange | None:
    try:
        return decode(PublishedChange, PUBLISHED_CHANGE, record.headers, record.value)
    except Unreadable:
        log.error("unreadable %s", record)
        return None


class ChangesHub:
    def __init__(self, bootstrap: str, namespace: str, memory: int = MEMORY) -> None:
        self._bootstrap = bootstrap
        self._topic = shared_topic(namespace, SharedTopic.CHANGES)
        self._home = TopicPartition(self._topic, 0)
        self._reader = self._new_reader()
        self.following = Following("changes", self._reader, "end", back=REPEATS)
        self._memory: deque[Event] = deque()
        self._most = memory
        self._first: int | None = None
        """Everything from this offset on is in memory."""
        self._end: int | None = None
        self._repeats = Repeats()
        self._news = asyncio.Event()
        self._catching_up = asyncio.Semaphore(CATCH_UPS)
        self.clients = 0

    async def run(self) -> None:
        await self.following.run(self._take)

    @property
    def end(self) -> int:
        """The offset behind the last event in memory. Raises Unavailable before the first contact."""
        if self._end is None or not self.following.caught_up.is_set():
            raise Unavailable("the live stream has not reached the broker yet")
        return self._end

    async def events(self, after: int | None) -> AsyncGenerator[tuple[list[Event], int], None]:
        """(new events in order, the id up to which the client has everything now).

        At once, and then whenever something comes; without events every `HEARTBEAT` seconds.
        `after` is the last id that the client has; None: only what comes from now on. Raises
        Reset, TooSlow, Unavailable.
        """
        at = self.end if after is None else after + 1
        if after is not None:
            await self._check(at)
            async with aclosing(self._catch_up(at)) as missed:
                async for events, upto in missed:
                    at = upto
                    yield events, at - 1
        self.clients += 1
        try:
            while True:
                if at < self._held_from:
                    raise TooSlow
                events = self._since(at)
                news, at = self._news, max(at, self.end)
                yield events, at - 1
                if at >= self.end:
                    await _wait(news)
        finally:
            self.clients -= 1

    @property
    def _held_from(self) -> int:
        return self.end if self._first is None else self._first

    def _since(self, at: int) -> list[Event]:
        """From the newest backwards: what a client lacks is short, the memory is not."""
        newer = itertools.takewhile(lambda event: event.offset >= at, reversed(self._memory))
        return list(newer)[::-1]

    async def _check(self, at: int) -> None:
        """The broker is asked, not the memory: another replica may have told the client more."""
        end = self.end
        if at >= 0 and self._held_from <= at <= end:
            return
        behind = (await self._reader.ends())[self._home]
        kept = (await self._reader.beginnings())[self._home]
        if not max(kept, 0) <= at <= behind:
            raise Reset(end)

    async def _catch_up(self, at: int) -> AsyncGenerator[tuple[list[Event], int], None]:
        """(events, the offset that comes next) from the topic, up to what is in memory."""
        if at >= self._held_from:
            return
        async with self._catching_up:
            reader = self._new_reader()
            repeats = Repeats()
            try:
                await reader.open("first")
                reader.seek(self._home, max(reader.positions[self._home], at - REPEATS))
                while at < self._held_from:
                    changes = [(r.offset, read_change(r)) for r in await reader.poll(1.0)]
                    events = [
                        Event(offset, change)
                        for offset, change in changes
                        if change and repeats.is_new(change) and offset >= at
                    ]
                    at = max(at, reader.positions[self._home])
                    yield events, at
            finally:
                await reader.close()

    async def _take(self, records: list[Record]) -> None:
        if self._end is None:
            self._end = self._reader.positions[self._home]
        for record in records:
            self._end = record.offset + 1
            if self._first is None:
                self._first = record.offset
            change = read_change(record)
            if change is None or not self._repeats.is_new(change):
                continue
            self._memory.append(Event(record.offset, change))
            if len(self._memory) > self._most:
                self._memory.popleft()
                self._first = self._memory[0].offset
        if records:
            news, self._news = self._news, asyncio.Event()
            news.set()

    def _new_reader(self) -> Reader:
        return Reader(self._bootstrap, "tenlines.gateway.changes", [self._topic])


async def _wait(news: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(HEARTBEAT):
            await news.wait()
    except TimeoutError:
        return
