"""Bytes that a problem, a change of it and a signal take in MongoDB and in Kafka.

    python -m tests.bench.storage [PROBLEMS] [SIGNALS]

Problems live a typical life of eight changes through the gateway (photos are not counted: they are
as large as they are), then one dust line takes signals that raise nothing. Sizes are of data as the
engines report it, without replicas, and without the compression of a production MongoDB. Indexes
of a few problems are mostly empty pages, so those of entries are measured again over many copies.
Starts its own world and ends it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
from pymongo import MongoClient

from deploy.launcher.world import World
from services.dust.line import LINE
from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.producer import Producer
from shared.adapters.mongo.client import connect
from shared.adapters.mongo.indexes import ensure_indexes
from shared.application.signals.events import encode_signal, signal_headers
from shared.contract.topics import LineTopic, line_topic
from tests.fakes.pictures import picture
from tests.waiting import until

HOUSING = {"X-Actor": "zhang", "X-Role": "department", "X-Unit": "housing"}
LEAD = {"X-Actor": "li", "X-Role": "line_lead", "X-Unit": "housing"}
INSPECTOR = {"X-Actor": "wang", "X-Role": "inspector", "X-Unit": "ecology"}
CHANGES = 8
CLOSED = {"entry.kind": "problem", "entry.status": "closed"}
COPIES = 5_000
DEVICES = 200
DATABASES = ("tenlines_dust", "tenlines_gateway")
Sizes = dict[str, int]


def _live(gateway: str, number: int) -> None:
    """From the report to the closing: eight changes."""
    with httpx.Client(base_url=gateway, timeout=30) as client:

        def post(path: str, who: Mapping[str, str], **body: Any) -> dict[str, Any]:
            answer = client.post(path, headers={**who, "Prefer": "wait=20"}, json=body)
            assert answer.status_code in (200, 201), answer.text
            found: dict[str, Any] = answer.json()
            return found

        def photo(shade: int) -> str:
            content = picture(size=(64 + number % 64, 64 + shade + number // 64))
            answer = client.post(
                "/v1/files", files={"file": ("现场.jpg", content)}, headers=HOUSING
            )
            assert answer.status_code == 201, answer.text
            return str(answer.json()["sha256"])

        problem = post(
            "/v1/problems",
            HOUSING,
            line="dust",
            title=f"工地裸土未覆盖 {number}",
            description="东侧约两百平方米裸土未覆盖,进出口无冲洗,现场未见喷淋。",
            severity="general",
            category="bare_soil",
            location={
                "lon": 116.31,
                "lat": 35.07,
                "town": "370828001",
                "address": "金济河路与奎星路交叉口东北角",
            },
        )

        def do(command: str, who: Mapping[str, str], **body: Any) -> None:
            nonlocal problem
            guard = {**who, "If-Match": f'"{problem["version"]}"'}
            problem = post(f"/v1/problems/{problem['id']}/{command}", guard, **body)

        do("assign", LEAD, unit="housing", town="370828001")
        do("accept", HOUSING)
        do("start", HOUSING)
        do("comment", HOUSING, text="已安排施工单位当日覆盖,明日补装喷淋。")
        do("attach-evidence", HOUSING, kind="after", sha256=photo(0))
        do("submit", HOUSING)
        fresh = {"kind": "after", "sha256": photo(64)}
        do("approve", INSPECTOR, result="qualified", evidence=[fresh])


async def _signals(bootstrap: str, count: int) -> None:
    signal = LINE.signal("site-monitor")
    assert signal is not None, "dust has a site monitor"
    topic = line_topic("tenlines", "dust", LineTopic.SIGNALS)
    # Close together: a device that last spoke hours ago would be called silent in between.
    every = timedelta(minutes=40) / (count // DEVICES + 1)
    begun = datetime.now(UTC) - timedelta(minutes=45)
    producer = Producer(bootstrap, "bench", seconds=60)
    records = []
    for number in range(count):
        device, turn = f"site-{number % DEVICES:03d}", number // DEVICES
        data = signal.model.model_validate(
            {
                "device_id": device,
                "observed_at": begun + every * turn,
                "avg_period": "PT5M",
                "lon": 116.31,
                "lat": 35.06,
                "pm10": 60 + turn % 40,
                "tsp": 100 + turn % 50,
                "noise": 40 + (turn * 7 + number) % 9,
            }
        )
        headers = signal_headers("dust", signal.code, data, f"{device}-{turn}")
        records.append(Outbound(topic, device.encode(), encode_signal(data), headers))
    await producer.send_all(records)
    await producer.stop()


def _sizes(world: World, client: MongoClient[dict[str, Any]]) -> Sizes:
    """`MongoDB database.collection` (documents and indexes) and `Kafka topic` → bytes."""
    found: Sizes = {}
    for database in DATABASES:
        for name in client[database].list_collection_names():
            said = client[database].command("collStats", name)
            found[f"MongoDB {database}.{name} data"] = said["size"]
            found[f"MongoDB {database}.{name} indexes"] = said["totalIndexSize"]
    for log in (world.places.data / "kafka/logs").glob("tenlines.*/*.log"):
        topic = "Kafka " + log.parent.name.rpartition("-")[0]
        found[topic] = found.get(topic, 0) + log.stat().st_size
    return found


def _grown(before: Sizes, after: Sizes, by: int, what: str) -> None:
    grown = {name: (size - before.get(name, 0)) / by for name, size in after.items()}
    for engine in ("MongoDB", "Kafka"):
        mine = {name: size for name, size in grown.items() if name.startswith(engine)}
        print(f"{engine}: {sum(mine.values()):,.0f} bytes {what}, of which")
        for name, size in sorted(mine.items(), key=lambda item: -item[1]):
            if size >= sum(mine.values()) / 100:
                print(f"  {size:8,.0f}  {name.removeprefix(engine + ' ')}")


async def _index_bytes(url: str) -> float:
    """A problem's share of the indexes over entries, where there are many."""
    client = connect(url)
    finished = [each async for each in client["tenlines_dust"].entries.find(CLOSED)]
    many = client["tenlines_many"]
    await ensure_indexes(many)
    for copy in range(COPIES // len(finished)):
        await many.entries.insert_many(
            [{**each, "_id": f"{each['_id']}-{copy}"} for each in finished], ordered=False
        )
    said = await many.command("collStats", "entries")
    await client.drop_database("tenlines_many")
    client.close()
    return float(said["totalIndexSize"] / said["count"])


def _measured(
    world: World, client: MongoClient[dict[str, Any]], do: Callable[[], None]
) -> tuple[Sizes, Sizes]:
    """Before and after it."""
    before = _sizes(world, client)
    do()
    return before, _sizes(world, client)


def measure(world: World, problems: int, signals: int) -> None:
    gateway = world.address("gateway")
    with MongoClient[dict[str, Any]](world.mongo_address) as client:
        dust, read = (client[name] for name in DATABASES)

        def settled() -> bool:
            (entries,) = (n for n in read.list_collection_names() if n.startswith("entries_"))
            return (
                dust.entries.count_documents(CLOSED) == problems
                and read[entries].count_documents(CLOSED) == problems
                and not dust.entries.count_documents({"outbox.0": {"$exists": True}})
            )

        def lives() -> None:
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda n: _live(gateway, n), range(problems)))
            until(settled, 60, "all to be seen closed")

        def heard() -> None:
            asyncio.run(_signals(world.kafka_address, signals))
            until(lambda: dust.signals.estimated_document_count() >= signals, 240, "all signals")

        print(f"{problems} problems of {CHANGES} changes each:")
        _grown(*_measured(world, client, lives), problems, "a problem")
        print(f"{asyncio.run(_index_bytes(world.mongo_address)):,.0f} bytes of indexes an entry")
        print(f"{signals} signals:")
        _grown(*_measured(world, client, heard), signals, "a signal")
    for name in ("dust", "gateway"):
        pid = world.pid(name)
        assert pid is not None
        rss = psutil.Process(pid).memory_info().rss / 2**20
        print(f"{name}: {rss:.0f} MiB resident")


def main(problems: int, signals: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), only=["dust", "gateway"])
        try:
            world.start()
            measure(world, problems, signals)
        finally:
            world.stop()


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:]]
    main(*(numbers or [200, 20_000]))
