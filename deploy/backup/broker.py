"""What a backup and a restore ask of the broker: where a line stands, and empty topics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka import errors as kafka
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.admin.records_to_delete import RecordsToDelete

from deploy.backup.manifest import Positions
from deploy.launcher.trouble import Trouble
from shared.adapters.kafka.errors import translated
from shared.adapters.kafka.generation import cluster_id
from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.producer import Producer
from shared.adapters.kafka.reading import GroupReading
from shared.application.ports import Unavailable
from shared.contract.topics import Topic

_SECONDS = 20.0
_EVERYTHING = -1
"""As an offset to delete before: the end."""
_POLL_MS, _AT_ONCE = 1000, 500
# Kafka deletes records only of topics whose old records may go. While it is allowed nothing gets
# old: if we are cut here, nothing is lost until `tenlines provision` sets the topic right.
_DELETABLE = {"cleanup.policy": "compact,delete", "retention.ms": "-1", "retention.bytes": "-1"}
Offsets = Mapping[str, int]
"""`topic:partition` → offset."""


def name_of(home: TopicPartition) -> str:
    return f"{home.topic}:{home.partition}"


def home_of(name: str) -> TopicPartition:
    topic, _, partition = name.rpartition(":")
    return TopicPartition(topic, int(partition))


async def look(bootstrap: str, group: str, topics: Collection[str]) -> tuple[Offsets, Offsets]:
    """(the offset that the group reads next, the end) of every partition. Raises Unavailable."""
    reading = GroupReading(bootstrap, group, topics)
    try:
        found = await reading.look()
    finally:
        await reading.close()
    return {at: read for at, (read, _) in found.items()}, {
        at: end for at, (_, end) in found.items()
    }


async def positions(bootstrap: str, group: str, topics: Collection[str]) -> Positions:
    """Where the group stands now, with the ends as they are now. Raises Unavailable."""
    cluster = await cluster_id(bootstrap)
    read, ends = await look(bootstrap, group, topics)
    return Positions(cluster=cluster, read=read, ends=ends)


async def members(bootstrap: str, group: str) -> int:
    """How many processes are in the group. Raises Unavailable."""
    async with _admin(bootstrap, f"ask who reads as {group}") as admin:
        while True:
            try:
                (answer,) = await admin.describe_consumer_groups([group])
                break
            except kafka.GroupCoordinatorNotAvailableError:
                await asyncio.sleep(0.2)  # a young cluster: nobody ever was in any group
    (found,) = answer.groups
    if found[0]:
        raise Unavailable(f"Kafka: ask who reads as {group}: {kafka.for_code(found[0]).__name__}")
    return len(found[5])


async def wait_until_left(bootstrap: str, group: str, seconds: float) -> bool:
    """Whether nobody is in the group any more: a process that ended is missed only when its
    session runs out. Raises Unavailable."""
    deadline = time.monotonic() + seconds
    while await members(bootstrap, group):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.5)
    return True


async def empty(bootstrap: str, topics: Collection[Topic]) -> None:
    """Delete all records of these topics. Their offsets go on from where they are, so nobody's
    position points at something else than before. Raises Unavailable."""
    async with _admin(bootstrap, "empty topics") as admin:
        compacted = [t for t in topics if "compact" in t.configs.get("cleanup.policy", "")]
        await _configure(admin, {topic.name: _DELETABLE for topic in compacted})
        homes = [TopicPartition(topic.name, n) for topic in topics for n in range(topic.partitions)]
        while True:
            try:
                await admin.delete_records({home: RecordsToDelete(_EVERYTHING) for home in homes})
                break
            except kafka.PolicyViolationError:
                await asyncio.sleep(0.1)  # the broker has not heard of the new setting yet
        await _configure(admin, {topic.name: topic.configs for topic in compacted})


async def _configure(admin: AIOKafkaAdminClient, configs: Mapping[str, Mapping[str, str]]) -> None:
    if not configs:
        return
    kind = ConfigResourceType.TOPIC
    for answer in await admin.alter_configs(
        [ConfigResource(kind, name, configs=dict(values)) for name, values in configs.items()]
    ):
        for code, message, *_ in answer.resources:
            if code:
                raise kafka.for_code(code)(message)


async def stand(bootstrap: str, group: str, offsets: Offsets) -> None:
    """Let the group go on from here. Raises Unavailable, also while somebody is in the group."""
    if not offsets:
        return
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False
    )
    try:
        async with translated(f"set where {group} goes on", _SECONDS):
            await consumer.start()
            homes = {home_of(name): offset for name, offset in offsets.items()}
            consumer.assign(list(homes))
            await consumer.commit(homes)
    finally:
        await consumer.stop()


async def as_they_are(bootstrap: str, topics: Collection[Topic]) -> list[Topic]:
    """The same topics with the partitions that they have there. Raises Trouble, and Unavailable."""
    async with _admin(bootstrap, "look at topics") as admin:
        there = set(await admin.list_topics())
        if missing := sorted({topic.name for topic in topics} - there):
            raise Trouble(f"Kafka has no topic {missing[0]}. Run `tenlines provision` first.")
        described = await admin.describe_topics([topic.name for topic in topics])
    partitions = {each["topic"]: len(each["partitions"]) for each in described}
    return [replace(topic, partitions=partitions[topic.name]) for topic in topics]


async def edges(bootstrap: str, topics: Iterable[Topic]) -> tuple[Offsets, Offsets]:
    """(the first kept offset, the end) of every partition. Raises Unavailable."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    try:
        async with translated("ask for the ends of topics", _SECONDS):
            await consumer.start()
            homes = [TopicPartition(t.name, n) for t in topics for n in range(t.partitions)]
            firsts = await consumer.beginning_offsets(homes)
            ends = await consumer.end_offsets(homes)
    finally:
        await consumer.stop()
    return {name_of(h): o for h, o in firsts.items()}, {name_of(h): o for h, o in ends.items()}


async def send_again(
    bootstrap: str, first: Offsets, ends: Offsets, wanted: Callable[[str, int, Outbound], bool]
) -> int:
    """Copy the records from `first` to before `ends` that are `wanted` (by `topic:partition` and
    offset) to the ends of their topics; how many. Only for topics whose messages carry an id of
    their own. Raises Unavailable."""
    ranges = {home_of(at): (o, ends[at]) for at, o in first.items() if o < ends[at]}
    if not ranges:
        return 0
    producer = Producer(bootstrap, "tenlines-restore")
    count = 0
    try:
        async for raws in _between(bootstrap, ranges):
            records = []
            for raw in raws:
                sent = [(name, value or b"") for name, value in raw.headers]
                record = Outbound(raw.topic, raw.key, raw.value, sent)
                if wanted(f"{raw.topic}:{raw.partition}", raw.offset, record):
                    records.append(record)
            await producer.send_all(records)
            count += len(records)
    finally:
        await producer.stop()
    return count


async def _between(
    bootstrap: str, ranges: Mapping[TopicPartition, tuple[int, int]]
) -> AsyncIterator[list[ConsumerRecord]]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        async with translated("read what was under way", _SECONDS):
            await consumer.start()
            consumer.assign(list(ranges))
            for home, (begin, _) in ranges.items():
                consumer.seek(home, begin)
        left = set(ranges)
        while left:
            async with translated("read what was under way", _SECONDS):
                found = await consumer.getmany(timeout_ms=_POLL_MS, max_records=_AT_ONCE)
                for home in list(left):
                    if await consumer.position(home) >= ranges[home][1]:
                        left.discard(home)
                        consumer.pause(home)
            yield [
                raw for home, raws in found.items() for raw in raws if raw.offset < ranges[home][1]
            ]
    finally:
        await consumer.stop()


@asynccontextmanager
async def _admin(bootstrap: str, what: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        async with translated(what, _SECONDS):
            await admin.start()
            yield admin
    finally:
        await admin.close()
