"""Signals per second of one replica of a line and of two, against a floor loop in the same run, and
what a replica takes of the machine while nothing happens.

    python -m tests.bench.replicas [SIGNALS]

Of two lines: `dust`, one of whose rules has one state for the whole county, so that replicas write
to the same document and do again what another one was faster with; and `livelihood`, whose rules
have a state for each device. 200 devices, each heard before the time begins. Broker, database,
replicas and this program share one machine, so with few cores the second replica brings less than
it would elsewhere. Starts a world of its own for each line and ends it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from pymongo import MongoClient
from pymongo.collection import Collection

from deploy.launcher.world import World
from deploy.lines import line_of
from shared.adapters.kafka import Outbound, Producer
from shared.application.signals.events import encode_signal, signal_headers
from shared.contract.topics import LineTopic, line_topic
from shared.declaration.signal import Signal
from tests.bench.signal_rate import DEVICES, NS, floor, record
from tests.waiting import until

IDLE_SECONDS = 15
_PATIENCE = 240


def _kitchen(signal: Signal, n: int, start: datetime) -> Outbound:
    device, turn = n % DEVICES, n // DEVICES
    data = signal.model.model_validate(
        {
            "device_id": f"kitchen-{device:03d}",
            "observed_at": start + timedelta(minutes=5 * turn),
            "avg_period": "PT5M",
            "lon": 116.30 + device * 1e-4,
            "lat": 35.05,
            "fume": 3.0 if (device * 7919 + turn) % 20 == 0 else 0.5 + turn % 5 / 10,
            "fan_on": True,
            "purifier_on": True,
        }
    )
    headers = signal_headers("livelihood", signal.code, data, f"{device}-{turn}")
    topic = line_topic(NS, "livelihood", LineTopic.SIGNALS)
    return Outbound(topic, data.device_id.encode(), encode_signal(data), headers)


LINES: dict[str, tuple[str, Callable[[Signal, int, datetime], Outbound]]] = {
    "dust": ("site-monitor", record),
    "livelihood": ("fume", _kitchen),
}


def _records(line: str, count: int) -> Iterator[Outbound]:
    code, make = LINES[line]
    signal = line_of(line).signal(code)
    assert signal is not None, f"{line} has {code}"
    start = datetime.now(UTC) - timedelta(minutes=5 * (count // DEVICES + 2))
    return (make(signal, n, start) for n in range(count))


def _process(world: World, name: str) -> psutil.Process:
    pid = world.pid(name)
    assert pid is not None, f"{name} runs"
    return psutil.Process(pid)


def _idle(world: World, line: str) -> str:
    ours = [_process(world, name) for name in (line, f"{line}-1")]
    # What is only done once, at the start, shall be over.
    time.sleep(IDLE_SECONDS)
    before = sum(sum(one.cpu_times()[:2]) for one in ours)
    time.sleep(IDLE_SECONDS)
    spent = (sum(sum(one.cpu_times()[:2]) for one in ours) - before) / len(ours) / IDLE_SECONDS
    rss = max(one.memory_info().rss for one in ours) // 2**20
    return f"{line} idle: {spent * 100:.1f} % of a core, {rss} MiB resident"


async def _send(bootstrap: str, records: list[Outbound]) -> None:
    producer = Producer(bootstrap, "bench", seconds=60)
    for at in range(0, len(records), 5000):
        await producer.send_all(records[at : at + 5000])
    await producer.stop()


def _take(world: World, kept: Collection[dict[str, Any]], records: list[Outbound]) -> float:
    """Signals a second, from the first kept to the last."""
    before = kept.estimated_document_count()
    asyncio.run(_send(world.kafka_address, records))
    first = until(lambda: kept.estimated_document_count() - before, 60, "the first signal")
    begun = time.perf_counter()
    wanted = before + len(records)
    until(lambda: kept.estimated_document_count() >= wanted, _PATIENCE, "all signals")
    return (len(records) - first) / max(time.perf_counter() - begun, 1e-9)


def measure(world: World, line: str, count: int) -> None:
    records = list(_records(line, 2 * (count + DEVICES)))
    rates = []
    with MongoClient[dict[str, Any]](world.mongo_address) as client:
        kept = client[f"{NS}_{line}"].signals
        for replicas, own in ((2, records[: len(records) // 2]), (1, records[len(records) // 2 :])):
            if replicas == 1:
                world.kill(f"{line}-1")
            # Each device once: with one replica less, its partitions pass on in the meantime.
            _take(world, kept, own[:DEVICES])
            rates.append(_take(world, kept, own[DEVICES:]))
    rss = _process(world, line).memory_info().rss // 2**20
    two, one = rates
    print(f"{line}: 1 replica {one:.0f} signals/s, 2 replicas {two:.0f}, {two / one:.2f} of one;")
    print(f"{line}: {rss} MiB resident after {count * 2} signals, {len(line_of(line).rules)} rules")


def main(count: int) -> None:
    for line in LINES:
        with tempfile.TemporaryDirectory() as folder:
            world = World(Path(folder), namespace=NS, only=[line], replicas={line: 2})
            try:
                world.start()
                print(_idle(world, line))
                measure(world, line, count)
                topic = line_topic(NS, line, LineTopic.SIGNALS)
                least = asyncio.run(floor(world.kafka_address, world.mongo_address, count, topic))
                print(f"{line}: floor {least:.0f} signals/s")
            finally:
                world.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30_000)
