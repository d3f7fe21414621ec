"""A follower of a ledger, which is written in transactions: their marks are no records that wait."""

from __future__ import annotations

from shared.adapters.kafka import Outbound, Producer
from shared.adapters.kafka.transactional import TransactionalProducer
from shared.runtime.worker.record import Record
from tests.integration.kafka.helpers import MemoryTries, make_topics, new_worker, running, until


async def test_the_watchdog_sees_nothing_waiting_behind_the_last_mark(
    kafka_bootstrap: str, ns: str
) -> None:
    await make_topics(kafka_bootstrap, ns, partitions=1)
    ledger = f"{ns}.dust.ledger"
    relay = TransactionalProducer(kafka_bootstrap, f"{ns}.relay")
    await relay.open()
    producer = Producer(kafka_bootstrap, "test")
    handled: list[bytes | None] = []

    async def handle(record: Record) -> None:
        handled.append(record.value)

    worker = new_worker(
        kafka_bootstrap, ns, handle, MemoryTries(), producer, topic=ledger, stall_seconds=4.0
    )
    async with running(worker) as task:
        for number in range(5):
            await relay.publish([Outbound(ledger, b"p", str(number).encode())])
        await until(lambda: handled == [b"0", b"1", b"2", b"3", b"4"])
        begun = worker.last_progress
        assert begun is not None
        # Longer than it may stand still: an idle stream is no stalled one.
        await until(lambda: (worker.last_progress or 0) > begun + 6, 20)
        assert worker.lag.behind == 0 and worker.lag.in_hand == 0
        assert not task.done()
    await relay.close()
    await producer.stop()
