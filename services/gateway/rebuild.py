"""`tenlines gateway rebuild`: the read model anew from the topics, while the old one serves.

1. A new generation is filled from the first offsets, until it is close behind the ends.
2. From then on every gateway writes both generations. Whatever one of them applied before it
   heard of that came from topics that we have yet to read to their ends as they stand after it.
3. Read to those ends, the new generation has everything that the old one has: it becomes live.
4. For some seconds both are still written, for readers that have not heard of the switch.
"""

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import uuid4

from services.gateway.intake import sources, take_in
from services.gateway.live_model import REBUILDING, REFRESH_SECONDS
from services.gateway.reader import Reader
from services.gateway.registry import read_card
from shared.adapters.mongo.client import Database
from shared.adapters.mongo.counters import Marker
from shared.adapters.mongo.generations import Generations
from shared.adapters.mongo.leases import MongoLeases
from shared.adapters.mongo.read_model import Batch, ReadModel
from shared.contract.envelope import Unreadable
from shared.contract.messages import LineCard
from shared.contract.topics import SharedTopic, shared_topic
from shared.domain.context import Directory
from shared.domain.moments import Clock

LEASE_SECONDS = 60.0
CLOSE_SECONDS = 2.0
"""A lap to the ends that took no longer means: close enough."""
LAPS = 20
GRACE_SECONDS = 5 * REFRESH_SECONDS
MOST = 2000
_CLIENT = "tenlines.gateway.rebuild"


class RebuildRefused(Exception):
    """It cannot be done now; the text says why. What was live stays live."""


@dataclass(frozen=True)
class Rebuilt:
    generation: int
    records: int
    unreadable: int
    seconds: float
    """Until it was live."""


class Rebuild:
    """One rebuild. `say` is told how far it is."""

    def __init__(
        self,
        bootstrap: str,
        namespace: str,
        db: Database,
        directory: Directory,
        clock: Clock,
        say: Callable[[str], None],
        grace_seconds: float = GRACE_SECONDS,
        lines: Collection[str] = (),
    ) -> None:
        """`lines` are read also where the registry does not tell of them."""
        self._bootstrap = bootstrap
        self._namespace = namespace
        self._db = db
        self._directory = directory
        self._clock = clock
        self._say = say
        self._grace = grace_seconds
        self._generations = Generations(db, clock)
        self._leases = MongoLeases(db, clock)
        self._holder = f"rebuild-{uuid4()}"
        self._unlisted = set(lines)
        self._lines: set[str] = set()
        self._readers: list[tuple[Reader, dict[str, tuple[str, str]]]] = []
        self._records = self._unreadable = 0

    async def run(self) -> Rebuilt:
        """Raises RebuildRefused or Unavailable; then the live generation is as it was."""
        await self._lease()
        keeping = asyncio.create_task(self._keep_lease())
        try:
            return await self._run()
        finally:
            keeping.cancel()
            for reader, _ in self._readers:
                await reader.close()
            await self._leases.release(REBUILDING, self._holder)

    async def _run(self) -> Rebuilt:
        began = time.monotonic()
        old = (await self._generations.targets()).live
        new = await self._generations.begin()
        model = ReadModel(
            self._db, new, self._directory, Marker("rebuild", self._holder), self._clock
        )
        self._say(f"building generation {new} beside {old}")
        await self._find_lines(model)
        for _ in range(LAPS):
            lap = time.monotonic()
            await self._read_to_ends(model)
            if time.monotonic() - lap < CLOSE_SECONDS:
                break
        if not await self._generations.write_also(new):
            raise RebuildRefused("another process ended this rebuild; start it again")
        await self._find_lines(model)
        await self._read_to_ends(model)
        if not await self._generations.switch(old, new):
            raise RebuildRefused("another process ended this rebuild; start it again")
        took = time.monotonic() - began
        self._say(f"generation {new} is live")
        # What we could not finish counting would stay uncounted: nobody else has our marks.
        await model.counters.recount_marked()
        await asyncio.sleep(self._grace)
        await self._generations.end_building()
        return Rebuilt(new, self._records, self._unreadable, took)

    async def _lease(self) -> None:
        for _ in range(20):
            if await self._leases.acquire(REBUILDING, self._holder, LEASE_SECONDS):
                return
            await asyncio.sleep(0.5)
        raise RebuildRefused("another rebuild is running; wait for its end")

    async def _keep_lease(self) -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / 4)
            await self._leases.acquire(REBUILDING, self._holder, LEASE_SECONDS)

    async def _find_lines(self, model: ReadModel) -> None:
        """Read the registry, and open a reader for what is not read yet."""
        cards = await self._cards()
        await model.apply(Batch(cards=cards))
        new = ({card.key for card, _ in cards} | self._unlisted) - self._lines
        first = not self._readers
        if not new and not first:
            return
        known = sources(self._namespace, new)
        replies = shared_topic(self._namespace, SharedTopic.REPLIES)
        topics = {topic: what for topic, what in known.items() if first or topic != replies}
        reader = Reader(self._bootstrap, _CLIENT, topics)
        await reader.open("first")
        self._readers.append((reader, topics))
        self._lines |= new

    async def _cards(self) -> list[tuple[LineCard, int]]:
        topic = shared_topic(self._namespace, SharedTopic.REGISTRY)
        reader = Reader(self._bootstrap, _CLIENT, [topic])
        found: list[tuple[LineCard, int]] = []
        try:
            await reader.open("first")
            ends = await reader.ends()
            while not reader.reached(ends):
                for record in await reader.poll(0.5):
                    try:
                        found.append((read_card(record), record.offset))
                    except Unreadable:
                        self._unreadable += 1
        finally:
            await reader.close()
        return found

    async def _read_to_ends(self, model: ReadModel) -> None:
        for reader, known in self._readers:
            ends = await reader.ends()
            said = time.monotonic()
            while not reader.reached(ends):
                records = await reader.poll(0.5, MOST)
                intake = take_in(records, known)
                # What cannot be read lies in the dead letters already; signposts are past.
                self._unreadable += len(intake.unreadable)
                await model.apply(intake.batch)
                self._records += len(records)
                if time.monotonic() - said > 2:
                    said = time.monotonic()
                    behind = sum(max(0, end - reader.positions[h]) for h, end in ends.items())
                    self._say(f"{self._records} records applied, about {behind} to go")
