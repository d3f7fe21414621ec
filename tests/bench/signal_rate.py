"""Signals per second of one line process with all its rules, against a floor loop in the same run.

    python -m tests.bench.signal_rate [SIGNALS]

The floor takes the same records from the same topic and does the least that keeps anything:
aiokafka `getmany`, decode, one bulk write a batch. 200 dust monitors, 5 % of the readings above the
limit. Starts its own broker and MongoDB and ends them.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import psutil
from aiokafka import AIOKafkaConsumer

from deploy.launcher.kafka import Kafka
from deploy.launcher.mongo import Mongo
from deploy.launcher.provision import provision
from services.dust.line import LINE
from shared.adapters.kafka import Outbound, Producer
from shared.adapters.mongo.client import connect
from shared.application.signals.events import encode_signal, signal_headers
from shared.contract.topics import all_topics
from shared.declaration.signal import Signal
from shared.runtime.line.run import run_line
from tests.engines import new_kafka, new_mongo

DEVICES = 200
NS = "bench"
_PATIENCE = 240


def topic(ns: str) -> str:
    return f"{ns}.dust.signals"


def record(signal: Signal, n: int, start: datetime, ns: str = NS) -> Outbound:
    device, turn = n % DEVICES, n // DEVICES
    over = (device * 7919 + turn) % 20 == 0
    data = signal.model.model_validate(
        {
            "device_id": f"site-{device:03d}",
            "observed_at": start + timedelta(minutes=5 * turn),
            "avg_period": "PT5M",
            "lon": 116.30 + device * 1e-4,
            "lat": 35.05,
            "pm10": 60 + device % 40,
            "tsp": 1500 if over else 100 + turn % 50,
            "noise": 55,
        }
    )
    id_ = f"{device}-{turn}"
    headers = signal_headers("dust", signal.code, data, id_)
    return Outbound(topic(ns), data.device_id.encode(), encode_signal(data), headers)


async def produce(bootstrap: str, count: int, ns: str = NS) -> None:
    """Some days of the monitors' signals into the line's topic, up to now."""
    signal = LINE.signal("site-monitor")
    assert signal is not None, "dust has a site monitor"
    start = datetime.now(UTC) - timedelta(minutes=5 * (count // DEVICES + 2))
    producer = Producer(bootstrap, "bench", seconds=60)
    for at in range(0, count, 5000):
        await producer.send_all(
            [record(signal, n, start, ns) for n in range(at, min(at + 5000, count))]
        )
    await producer.stop()


async def floor(bootstrap: str, url: str, count: int, name: str) -> float:
    """Signals a second from the topic `name`, of which it holds `count` at least."""
    client = connect(url)
    kept = client[f"{NS}_floor"].signals
    consumer = AIOKafkaConsumer(
        name,
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    begun, seen = time.perf_counter(), 0
    while seen < count:
        batch = await consumer.getmany(timeout_ms=1000, max_records=500)
        records = [r for part in batch.values() for r in part]
        if records:
            await kept.insert_many([orjson.loads(r.value) for r in records], ordered=False)
            seen += len(records)
    seconds = time.perf_counter() - begun
    await consumer.stop()
    client.close()
    return count / seconds


async def line_rate(
    url: str, count: int, process: asyncio.subprocess.Process, ns: str = NS
) -> tuple[float, int]:
    """From the first signal kept to the last position taken by every rule."""
    client = connect(url)
    db = client[f"{ns}_dust"]
    begun, deadline = None, time.perf_counter() + _PATIENCE
    while True:
        assert process.returncode is None, "the line ended"
        kept = await db.signals.estimated_document_count()
        if kept and begun is None:
            begun, first = time.perf_counter(), kept
        if begun is not None and kept >= count:
            break
        assert time.perf_counter() < deadline, f"{kept} of {count} signals after {_PATIENCE} s"
        await asyncio.sleep(0.02)
    rate = (count - first) / (time.perf_counter() - begun)
    found = await db.memories.count_documents({})
    client.close()
    rss = psutil.Process(process.pid).memory_info().rss // 2**20
    print(f"{found} states, {rss} MiB")
    return rate, rss


async def measure(kafka: Kafka, mongo: Mongo, count: int) -> None:
    await provision(kafka.address, all_topics(NS, (LINE.key, *LINE.follows)))
    await produce(kafka.address, count)
    least = await floor(kafka.address, mongo.address, count, topic(NS))
    print(f"floor {least:.0f} signals/s")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.signal_rate",
        "--line",
        env={
            "PATH": "",
            "TENLINES_KAFKA": kafka.address,
            "TENLINES_MONGO": mongo.address,
            "TENLINES_NAMESPACE": NS,
            "TENLINES_PORT": "0",
            "TENLINES_LOG_LEVEL": "WARNING",
        },
    )
    try:
        rate, _ = await line_rate(mongo.address, count, process)
    finally:
        process.kill()
        await process.wait()
    print(f"line  {rate:.0f} signals/s, {rate / least:.2f} of the floor, {len(LINE.rules)} rules")


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kafka, mongo = new_kafka(Path(folder) / "kafka"), new_mongo(Path(folder) / "mongo")
        for engine in (kafka, mongo):
            engine.prepare()
            engine.start()
        try:
            kafka.wait_ready()
            mongo.wait_ready()
            asyncio.run(measure(kafka, mongo, count))
        finally:
            kafka.stop()
            mongo.stop()


if __name__ == "__main__":
    if sys.argv[1:] == ["--line"]:
        run_line(LINE)
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
