"""What the Kafka tests share: topics, records in and out, waiting with a deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import ConsumerRecord

from deploy.launcher.provision import provision
from shared.adapters.kafka import Outbound, Producer
from shared.contract.topics import line_topics, shared_topics
from shared.runtime.clock import SystemClock
from shared.runtime.dead_letters import DeadLetterWriter
from shared.runtime.worker.record import Record, Subscription
from shared.runtime.worker.worker import Worker

LINE = "dust"


class MemoryTries:
    """Tries and Notes that live as long as the test: the process that crashes is the worker."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, int, int], int] = {}
        self.notes: dict[str, dict[str, Any]] = {}

    async def begin(self, topic: str, partition: int, offset: int) -> int:
        key = (topic, partition, offset)
        self.counts[key] = self.counts.get(key, 0) + 1
        return self.counts[key]

    async def done(self, topic: str, partition: int, offset: int) -> None:
        self.counts.pop((topic, partition, offset), None)

    async def get(self, key: str) -> dict[str, Any] | None:
        return self.notes.get(key)

    async def put(self, key: str, value: Mapping[str, Any]) -> None:
        self.notes.setdefault(key, {}).update(value)


async def make_topics(bootstrap: str, ns: str, partitions: int = 4) -> None:
    await provision(bootstrap, [*line_topics(ns, LINE, partitions), *shared_topics(ns, 1)])


async def until(condition: Callable[[], bool], seconds: float = 30.0, what: str = "") -> None:
    """Wait for the condition; the deadline fails the test."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what or condition}"
        await asyncio.sleep(0.02)


async def send_numbers(bootstrap: str, topic: str, numbers: range, keys: int = 1000) -> None:
    """Records whose value is the number and whose key is the number modulo `keys`."""
    producer = Producer(bootstrap, "test")
    try:
        await producer.send_all(
            [Outbound(topic, str(n % keys).encode(), str(n).encode()) for n in numbers]
        )
    finally:
        await producer.stop()


async def read_topic(
    bootstrap: str, topic: str, committed: bool = False
) -> list[ConsumerRecord[bytes, bytes]]:
    """Every record that a fresh reader finds in the topic now, partition by partition."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level="read_committed" if committed else "read_uncommitted",
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        cluster = await consumer._client.fetch_all_metadata()
        homes = [TopicPartition(topic, p) for p in sorted(cluster.partitions_for_topic(topic))]
        consumer.assign(homes)
        ends = await consumer.end_offsets(homes)
        found: list[ConsumerRecord[bytes, bytes]] = []
        for home in homes:
            consumer.seek(home, 0)
        while any([await consumer.position(home) < ends[home] for home in homes]):
            for records in (await consumer.getmany(timeout_ms=300)).values():
                found += records
        return found
    finally:
        await consumer.stop()


async def committed_offsets(bootstrap: str, group: str, topic: str) -> int:
    """How many records of the topic the group has committed, over all partitions."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(group)
        return sum(at.offset for home, at in found.items() if home.topic == topic)
    finally:
        await admin.close()


def new_worker(
    bootstrap: str,
    ns: str,
    handle: Callable[[Record], Awaitable[None]],
    store: MemoryTries,
    producer: Producer,
    *,
    replica: str = "0",
    topic: str | None = None,
    also: Sequence[str] = (),
    **options: Any,
) -> Worker:
    clock = SystemClock()
    return Worker(
        bootstrap=bootstrap,
        group=f"{ns}.{LINE}",
        replica=replica,
        subscriptions=[
            Subscription(each, handle) for each in (topic or f"{ns}.{LINE}.commands", *also)
        ],
        tries=store,
        notes=store,
        graveyard=DeadLetterWriter(producer, f"{ns}.{LINE}.dead-letters", clock),
        clock=clock,
        **{"session_seconds": 6.0, **options},
    )


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[asyncio.Task[None]]:
    """The worker as its supervised task; on leaving it must end within five seconds."""
    task = asyncio.create_task(worker.run())
    try:
        yield task
    finally:
        begun = time.monotonic()
        task.cancel()
        await asyncio.wait({task}, timeout=10)
        assert task.done() and time.monotonic() - begun < 5, "the worker hangs at its end"
