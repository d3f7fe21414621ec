"""The Faust worker on the real broker: nothing is lost, nothing is skipped, nothing hangs."""

from __future__ import annotations

import asyncio

from shared.adapters.kafka import Producer
from shared.runtime.worker.record import Record
from shared.runtime.worker.trial import HandlingFailed
from tests.integration.kafka.helpers import (
    MemoryTries,
    committed_offsets,
    make_topics,
    new_worker,
    read_topic,
    running,
    send_numbers,
    until,
)


async def test_a_crash_in_the_handler_loses_none_and_redelivers(
    kafka_bootstrap: str, ns: str
) -> None:
    """The row of faust.md's table: 60 events, one raise at number 25, then a new life."""
    await make_topics(kafka_bootstrap, ns, partitions=1)
    topic = f"{ns}.dust.commands"
    await send_numbers(kafka_bootstrap, topic, range(60))
    store, handled, crashes = MemoryTries(), list[int](), 0
    producer = Producer(kafka_bootstrap, "test")

    async def handle(record: Record) -> None:
        nonlocal crashes
        number = int(record.value or b"")
        if number == 25 and crashes == 0:
            crashes += 1
            raise RuntimeError("a bug at 25")
        handled.append(number)

    first = new_worker(kafka_bootstrap, ns, handle, store, producer)
    async with running(first) as task:
        await until(task.done)
        assert isinstance(task.exception(), HandlingFailed)
        assert "a bug at 25" in str(task.exception())
    assert 25 not in handled
    assert await committed_offsets(kafka_bootstrap, f"{ns}.dust", topic) == 25

    async with running(new_worker(kafka_bootstrap, ns, handle, store, producer)):
        await until(lambda: set(handled) == set(range(60)))
    assert await committed_offsets(kafka_bootstrap, f"{ns}.dust", topic) == 60
    assert await read_topic(kafka_bootstrap, f"{ns}.dust.dead-letters") == []
    await producer.stop()
    await asyncio.sleep(0)
