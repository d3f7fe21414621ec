"""How fast a worker is with a handler that does nothing, and how much memory its process takes.

    python -m tests.bench.worker_rate [RECORDS]

Starts its own broker and MongoDB (the note of what is in hand is one write a batch) and ends them.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import psutil

from shared.adapters.kafka import Outbound, Producer
from shared.adapters.mongo.client import connect
from shared.adapters.mongo.meta import MongoMeta
from shared.adapters.mongo.tries import MongoTries
from shared.runtime.clock import SystemClock
from shared.runtime.dead_letters import DeadLetterWriter
from shared.runtime.worker.record import Record, Subscription
from shared.runtime.worker.worker import Worker
from tests.engines import new_kafka, new_mongo
from tests.integration.kafka.helpers import make_topics


async def measure(bootstrap: str, mongo: str, records: int) -> None:
    await make_topics(bootstrap, "bench")
    topic, producer = "bench.dust.commands", Producer(bootstrap, "bench", seconds=60)
    client, clock = connect(mongo), SystemClock()
    database = client["bench_dust"]
    count, first, done, arrived = 0, asyncio.Event(), asyncio.Event(), asyncio.Event()
    took: list[float] = []
    sent_at = 0.0

    async def handle(record: Record) -> None:
        nonlocal count
        count += 1
        first.set()
        if record.key == b"one":
            took.append(time.perf_counter() - sent_at)
            arrived.set()
        if count >= records:
            done.set()

    worker = Worker(
        bootstrap=bootstrap,
        group="bench.dust",
        replica="0",
        subscriptions=[Subscription(topic, handle)],
        tries=MongoTries(database, clock),
        notes=MongoMeta(database),
        graveyard=DeadLetterWriter(producer, "bench.dust.dead-letters", clock),
        clock=clock,
    )
    value = b"x" * 600
    for start in range(0, records, 5000):
        await producer.send_all(
            [Outbound(topic, str(n).encode(), value) for n in range(start, start + 5000)]
        )
    begun = time.perf_counter()
    task = asyncio.create_task(worker.run())
    await first.wait()
    started = time.perf_counter()
    await done.wait()
    seconds = time.perf_counter() - started
    print(
        f"first record after {started - begun:.2f} s; {records} records in {seconds:.2f} s: "
        f"{records / seconds:.0f}/s"
    )
    for _ in range(100):
        arrived.clear()
        sent_at = time.perf_counter()
        await producer.send(topic, "one", value, [])
        await arrived.wait()
        await asyncio.sleep(0.01)
    took.sort()
    print(
        f"one record from send to handler: median {took[50] * 1000:.1f} ms, "
        f"p99 {took[98] * 1000:.1f} ms"
    )
    process = psutil.Process()
    before_cpu, idle = process.cpu_times(), 10.0
    await asyncio.sleep(idle)
    used = process.cpu_times()
    busy = used.user + used.system - before_cpu.user - before_cpu.system
    print(
        f"memory of the process {process.memory_info().rss / 2**20:.0f} MiB; "
        f"idle it takes {busy / idle * 100:.1f} % of a core"
    )
    task.cancel()
    await asyncio.wait({task}, timeout=6)
    await producer.stop()
    client.close()


def main() -> None:
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with tempfile.TemporaryDirectory() as folder:
        kafka, mongo = new_kafka(Path(folder)), new_mongo(Path(folder))
        try:
            for engine in (kafka, mongo):
                engine.prepare()
                engine.restart()
            asyncio.run(measure(kafka.address, mongo.address, records))
        finally:
            kafka.kill()
            mongo.kill()


if __name__ == "__main__":
    main()
