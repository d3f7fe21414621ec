"""Signals per second of one replica of a line and of two, against a floor loop in the same run.

    python -m tests.bench.replicas [SIGNALS]

Both have their share before the signals come, 200 dust monitors with 5 % of the readings above the
limit. Broker, database, replicas and this program share one machine: with two cores the second
replica finds none that is free, so the figure says what sharing costs rather than what it brings.
Starts its own world and ends it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from pymongo import MongoClient

from deploy.launcher.world import World
from services.dust.line import LINE
from shared.adapters.kafka import Outbound, Producer
from tests.bench.signal_rate import DEVICES, NS, floor, record
from tests.waiting import until

REPLICAS = ("dust", "dust-1")
_PATIENCE = 240


def _records(count: int) -> list[Outbound]:
    signal = LINE.signal("site-monitor")
    assert signal is not None, "dust has a site monitor"
    start = datetime.now(UTC) - timedelta(minutes=5 * (count // DEVICES + 2))
    return [record(signal, n, start) for n in range(count)]


async def _send(bootstrap: str, records: list[Outbound]) -> None:
    producer = Producer(bootstrap, "bench", seconds=60)
    for at in range(0, len(records), 5000):
        await producer.send_all(records[at : at + 5000])
    await producer.stop()


def _rate(world: World, kept: Any, records: list[Outbound]) -> float:
    """From the first signal kept to the last."""
    before = kept.estimated_document_count()
    asyncio.run(_send(world.kafka_address, records))
    first = until(lambda: kept.estimated_document_count() - before, 60, "the first signal")
    begun = time.perf_counter()
    wanted = before + len(records)
    until(lambda: kept.estimated_document_count() >= wanted, _PATIENCE, "all signals")
    return (len(records) - first) / (time.perf_counter() - begun)


def measure(world: World, count: int) -> None:
    records = _records(2 * count)
    with MongoClient[dict[str, Any]](world.mongo_address) as client:
        kept = client[f"{NS}_dust"].signals
        two = _rate(world, kept, records[:count])
        for name in REPLICAS:
            pid = world.pid(name)
            assert pid is not None
            print(f"{name}: {psutil.Process(pid).memory_info().rss // 2**20} MiB resident")
        world.kill(REPLICAS[1])
        # Its partitions pass on when its session ends: those of a first signal from each device.
        asyncio.run(_send(world.kafka_address, records[count : count + DEVICES]))
        until(lambda: kept.estimated_document_count() >= count + DEVICES, 60, "the take-over")
        one = _rate(world, kept, records[count + DEVICES :])
    least = asyncio.run(floor(world.kafka_address, world.mongo_address, count))
    print(f"floor {least:.0f} signals/s")
    print(f"1 replica  {one:.0f} signals/s, {one / least:.2f} of the floor")
    print(f"2 replicas {two:.0f} signals/s, {two / least:.2f} of the floor, {two / one:.2f} of one")


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), namespace=NS, only=["dust"], replicas={"dust": 2})
        try:
            world.start()
            measure(world, count)
        finally:
            world.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
