"""Two replicas of a line and of the gateway: they share the work, one of each is killed amid it, the
others take over, and the killed ones have their share again when they are back.

The seed is printed; TENLINES_SEED=… repeats a run.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from prometheus_client.parser import text_string_to_metric_families
from pymongo import MongoClient

from deploy.launcher.world import World
from services.dust.line import LINE
from shared.adapters.kafka.generation import ends
from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.producer import Producer
from shared.application.signals.events import encode_signal, signal_headers
from shared.contract.topics import LineTopic, consumer_group, line_topic
from tests.faults.checking import each_in_effect_once, verify
from tests.faults.workload import Workload
from tests.unit.deploy.kubernetes import HOME, named, objects
from tests.waiting import until

SEED = int(os.environ.get("TENLINES_SEED", "0")) or int(time.time())
DEVICES, BAD = 80, 8
SIGNALS, COMMANDS = 1_600, 100
"""Of each of the three portions of work."""
SHARE = 0.1
"""The least that each of two replicas has of the work: two problems of twenty. The keys fall as they
fall, on four partitions; fewer than two come once in ten thousand runs."""
TAKEN_OVER = 60
"""Seconds at most; the line's group waits 20 for a member that is gone, before others get its partitions."""
LINES, GATEWAYS = ("dust", "dust-1"), ("gateway", "gateway-1")
READ = (LineTopic.SIGNALS, LineTopic.COMMANDS, LineTopic.FINDINGS)


@dataclass
class System:
    world: World
    database: MongoClient[dict[str, Any]]
    works: list[Workload] = field(default_factory=list)
    signals: int = 0
    """How many were sent so far."""

    def begin(self) -> list[Future[None]]:
        """A portion of work: people at both gateways, and devices."""
        number = len(self.works)
        gateways = [self.world.address(name) for name in GATEWAYS]
        work = Workload(gateways, SEED + number, COMMANDS, seconds=120, lines=["dust"])
        self.works.append(work)
        futures = work.start()
        asyncio.run(_send(self.world.kafka_address, number))
        self.signals += SIGNALS
        return futures

    def end(self, futures: list[Future[None]], seconds: float) -> None:
        """Everybody was answered, and the group has read all there is."""
        until(lambda: all(future.done() for future in futures), seconds, "everybody to be answered")
        for future in futures:
            future.result()
        until(lambda: asyncio.run(_lag(self.world.kafka_address)) == 0, seconds, "no lag")

    def shares(self, name: str, metric: str, labels: Mapping[str, str]) -> float:
        """The sum of a replica's counter over all series that have these labels."""
        text = httpx.get(self.world.address(name) + "/metrics", timeout=10).text
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == metric and labels.items() <= sample.labels.items()
        )


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    world = World(
        tmp_path_factory.mktemp("replicas"),
        only=["dust", "gateway"],
        replicas={"dust": 2, "gateway": 2},
    )
    try:
        world.start()
        with MongoClient[dict[str, Any]](world.mongo_address) as database:
            yield System(world, database)
    finally:
        world.stop()


def test_load_is_shared_and_a_kill_loses_and_doubles_nothing(system: System) -> None:
    print(f"seed {SEED}")
    world = system.world
    system.end(system.begin(), 30)
    _each_has_a_share(system)

    futures = system.begin()
    until(lambda: system.works[-1].done >= COMMANDS / 4, 30, "some of the work")
    world.kill("dust")
    world.kill("gateway-1")
    killed = time.monotonic()
    system.end(futures, TAKEN_OVER)
    print(f"taken over and caught up {time.monotonic() - killed:.1f} s after the kill")

    for name in ("dust", "gateway-1"):
        world.launch(name)
    until(lambda: all(_says_ready(world.address(name)) for name in (*LINES, *GATEWAYS)), 60, "all")
    system.end(system.begin(), 30)
    _each_has_a_share(system)

    verify(world, 30)
    for work in system.works:
        each_in_effect_once(world.address("gateway"), work)
    _signals_are_kept_once(system)


def test_the_probes_of_the_manifests_are_answered(system: System) -> None:
    for service in ("dust", "gateway"):
        process = named(objects(HOME / "base"), "StatefulSet")[f"tenlines-{service}"]
        (container,) = process["spec"]["template"]["spec"]["containers"]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            path = container[probe]["httpGet"]["path"]
            answer = httpx.get(system.world.address(service) + path, timeout=10)
            assert answer.status_code == 200, (service, path, answer.text)


def _says_ready(address: str) -> bool:
    try:
        return httpx.get(address + "/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _each_has_a_share(system: System) -> None:
    """Since its start. Who was killed has counted only the last portion."""
    taken = [
        system.shares(name, "tenlines_signals_total", {"line": "dust", "outcome": "taken"})
        for name in LINES
    ]
    applied = [
        system.shares(name, "tenlines_commands_total", {"line": "dust", "outcome": "applied"})
        for name in LINES
    ]
    projected = [system.shares(name, "tenlines_projected_total", {}) for name in GATEWAYS]
    posted = [
        system.shares(name, "tenlines_http_requests_total", {"method": "POST"}) for name in GATEWAYS
    ]
    print(f"signals {taken}, commands {applied}, projected {projected}, requests {posted}")
    assert min(taken) >= SHARE * SIGNALS
    assert min(applied) >= SHARE * COMMANDS
    assert min(projected) >= SHARE * COMMANDS
    assert min(posted) >= SHARE * COMMANDS


def _signals_are_kept_once(system: System) -> None:
    db = system.database["tenlines_dust"]
    assert db.signals.count_documents({}) == system.signals
    raised = [
        each["entry"]["origin"]["subject"]
        for each in db.entries.find({"entry.origin.subject": {"$regex": "^site-"}})
    ]
    assert sorted(raised) == sorted(_device(n, 0) for n in range(BAD)), "one problem a bad site"
    versions = db.history.aggregate(
        [{"$group": {"_id": "$entry", "versions": {"$push": "$version"}}}]
    )
    for each in versions:
        assert sorted(each["versions"]) == list(range(1, len(each["versions"]) + 1))
    dead = line_topic("tenlines", "dust", LineTopic.DEAD_LETTERS)
    assert sum(asyncio.run(ends(system.world.kafka_address, [dead])).values()) == 0


def _device(number: int, portion: int) -> str:
    """Bad sites are the same in every portion: their findings join one problem."""
    return f"site-{number}" if number < BAD else f"clean-{portion}-{number}"


async def _send(bootstrap: str, portion: int) -> None:
    signal = LINE.signal("site-monitor")
    assert signal is not None
    topic = line_topic("tenlines", "dust", LineTopic.SIGNALS)
    # No device is silent so soon, and none speaks of the time after now.
    begun = datetime.now(UTC) - timedelta(minutes=10)
    records = []
    for number in range(SIGNALS):
        device = _device(number % DEVICES, portion)
        data = signal.model.model_validate(
            {
                "device_id": device,
                "observed_at": begun + timedelta(milliseconds=number),
                "avg_period": "PT1H",
                "lon": 116.31,
                "lat": 35.06,
                "tsp": 2400 if device.startswith("site-") else 80,
            }
        )
        headers = signal_headers("dust", signal.code, data, f"{portion}-{number}")
        records.append(Outbound(topic, device.encode(), encode_signal(data), headers))
    producer = Producer(bootstrap, "faults", seconds=60)
    try:
        await producer.send_all(records)
    finally:
        await producer.stop()


async def _lag(bootstrap: str) -> int:
    """Records of the line's topics that its group has not committed."""
    topics = [line_topic("tenlines", "dust", kind) for kind in READ]
    there = await ends(bootstrap, topics)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(consumer_group("tenlines", "dust"))
    finally:
        await admin.close()
    committed = {f"{home.topic}:{home.partition}": at.offset for home, at in found.items()}
    return sum(max(0, end - max(0, committed.get(home, 0))) for home, end in there.items())
