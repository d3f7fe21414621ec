"""Reading topics without a group: everybody who does so sees every record."""

import logging
from collections.abc import Iterable
from typing import Any, Literal

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.adapters.kafka.errors import translated
from shared.adapters.kafka.stopping import stop_gently
from shared.application.ports import Unavailable
from shared.contract.envelope import Headers
from shared.runtime.worker.record import Record

log = logging.getLogger(__name__)
SECONDS = 10.0
Where = Literal["first", "end"]


def record_of(raw: Any) -> Record:
    headers: Headers = [(name, value or b"") for name, value in raw.headers]
    return Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value, headers, raw.timestamp)


class Reader:
    """Reads all partitions of its topics. `positions` are the offsets it will read next.

    Only committed records are read. All methods raise Unavailable; after that `open` may be
    called again and goes on from `positions`.
    """

    def __init__(self, bootstrap: str, client_id: str, topics: Iterable[str]) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._topics = set(topics)
        self._consumer: AIOKafkaConsumer | None = None
        self.positions: dict[TopicPartition, int] = {}

    async def open(self, where: Where, back: int = 0) -> None:
        """Connect and stand at `positions`, and where there are none at `where`.

        `back`: so many records before the end, where they are still kept.
        """
        await self.close()
        consumer = AIOKafkaConsumer(
            # Named here, since it learns the partitions of no other topics.
            *sorted(self._topics),
            bootstrap_servers=self._bootstrap,
            client_id=self._client_id,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            request_timeout_ms=int(SECONDS * 900),
        )
        try:
            async with translated(f"read {', '.join(sorted(self._topics))}", SECONDS):
                await consumer.start()
                homes = _homes(consumer, self._topics)
                stand = await consumer.beginning_offsets(homes)
                if where == "end":
                    ends = await consumer.end_offsets(homes)
                    stand = {home: max(stand[home], ends[home] - back) for home in homes}
                stand = {**stand, **self.positions}
                for home in homes:
                    consumer.seek(home, stand[home])
        except BaseException:
            await stop_gently(consumer)
            raise
        self.positions = {home: stand[home] for home in homes}
        self._consumer = consumer

    def seek(self, home: TopicPartition, offset: int) -> None:
        self._opened.seek(home, offset)
        self.positions[home] = offset

    async def poll(self, seconds: float, most: int = 2000) -> list[Record]:
        """What has come, waiting at most `seconds` for the first record."""
        consumer = self._opened
        async with translated("read", SECONDS + seconds):
            found = await consumer.getmany(timeout_ms=int(seconds * 1000), max_records=most)
            # A position also passes what is no record: the markers at a transaction's end.
            self.positions = {home: await consumer.position(home) for home in self.positions}
        return [record_of(raw) for records in found.values() for raw in records]

    async def ends(self) -> dict[TopicPartition, int]:
        """The offsets behind the last committed records, now."""
        async with translated("ends", SECONDS):
            return dict(await self._opened.end_offsets(list(self.positions)))

    async def beginnings(self) -> dict[TopicPartition, int]:
        """The offsets of the oldest records that are still kept."""
        async with translated("beginnings", SECONDS):
            return dict(await self._opened.beginning_offsets(list(self.positions)))

    def reached(self, ends: dict[TopicPartition, int]) -> bool:
        return all(self.positions[home] >= end for home, end in ends.items())

    async def close(self) -> None:
        ours, self._consumer = self._consumer, None
        if ours is not None:
            await stop_gently(ours)

    @property
    def _opened(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise Unavailable("the reader is not connected")
        return self._consumer


def _homes(consumer: AIOKafkaConsumer, topics: set[str]) -> list[TopicPartition]:
    homes = []
    for topic in sorted(topics):
        parts = consumer.partitions_for_topic(topic)
        if not parts:
            raise Unavailable(f"the topic {topic} is not there; deployment creates it")
        homes += [TopicPartition(topic, part) for part in sorted(parts)]
    return homes
