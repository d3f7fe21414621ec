"""The broker goes and comes back: the worker waits for it, survives it or ends, and ends in time."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time

from deploy.launcher.kafka import Kafka
from shared.adapters.kafka import Producer
from shared.adapters.kafka.probe import existing_topics
from shared.application.ports import Unavailable
from shared.runtime.worker.record import Record
from tests.integration.kafka.helpers import (
    MemoryTries,
    make_topics,
    new_worker,
    read_topic,
    running,
    send_numbers,
    until,
)


async def test_a_worker_waits_for_a_broker_that_is_away_and_for_its_topics(
    own_kafka: Kafka, ns: str
) -> None:
    own_kafka.kill()
    producer, handled = Producer(own_kafka.address, "test", seconds=3.0), list[int]()

    async def handle(record: Record) -> None:
        handled.append(int(record.value or b""))

    worker = new_worker(own_kafka.address, ns, handle, MemoryTries(), producer)
    async with running(worker) as task:
        begun = time.monotonic()
        try:
            await producer.send(f"{ns}.dust.commands", "a", b"0", [])
            raise AssertionError("sent to nobody")
        except Unavailable:
            assert time.monotonic() - begun < 4
        assert not task.done() and not worker.ready
        own_kafka.restart()
        await asyncio.sleep(0)
        assert not task.done()
        await make_topics(own_kafka.address, ns, partitions=1)
        await producer.send(f"{ns}.dust.commands", "a", b"1", [])
        await until(lambda: handled == [1])
        assert worker.ready
    await producer.stop()


async def test_a_broker_that_is_killed_and_comes_back_costs_nothing(
    own_kafka: Kafka, ns: str
) -> None:
    """The worker either survives it or ends so that its supervisor starts it again."""
    await make_topics(own_kafka.address, ns, partitions=4)
    topic = f"{ns}.dust.commands"
    store, handled, lives = MemoryTries(), set[int](), 0
    producer = Producer(own_kafka.address, "test")

    async def handle(record: Record) -> None:
        await asyncio.sleep(0.002)
        handled.add(int(record.value or b""))

    async def supervised() -> None:
        nonlocal lives
        while True:
            lives += 1
            worker = new_worker(own_kafka.address, ns, handle, store, producer)
            try:
                await worker.run()
            except Exception as error:
                print(f"life {lives} of the worker ended: {error!r}")

    task = asyncio.create_task(supervised())
    await send_numbers(own_kafka.address, topic, range(500))
    await until(lambda: len(handled) > 50)
    own_kafka.kill()
    own_kafka.restart()
    await send_numbers(own_kafka.address, topic, range(500, 1000))
    await until(lambda: handled == set(range(1000)), seconds=60, what="all records")
    print(f"lives: {lives}")
    task.cancel()
    await asyncio.wait({task}, timeout=5)
    assert task.done(), "the worker hangs at its end"
    assert await read_topic(own_kafka.address, f"{ns}.dust.dead-letters") == []
    await producer.stop()


async def test_a_worker_ends_in_time_while_the_broker_is_away(own_kafka: Kafka, ns: str) -> None:
    await make_topics(own_kafka.address, ns, partitions=1)
    await send_numbers(own_kafka.address, f"{ns}.dust.commands", range(10))
    producer, handled = Producer(own_kafka.address, "test"), list[int]()
    # Earlier tests leave the database driver's pool behind.
    before = set(threading.enumerate())

    async def handle(record: Record) -> None:
        handled.append(int(record.value or b""))

    async with running(new_worker(own_kafka.address, ns, handle, MemoryTries(), producer)):
        await until(lambda: len(handled) == 10)
        own_kafka.kill()
        with contextlib.suppress(Unavailable):
            await existing_topics(own_kafka.address, seconds=1.0)
    await producer.stop()
    lasting = [t for t in threading.enumerate() if not t.daemon and t not in before]
    assert lasting == [], "a thread would keep the process from ending"
