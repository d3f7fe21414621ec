"""kill -9 of a line amid its signals: what it finds equals what an undisturbed line finds.

Two worlds on the same engines get the same signals; one of them is killed again and again. `make
soak` runs the full counts. The seed is printed; TENLINES_SEED=… repeats a run.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from pymongo import MongoClient

from deploy.launcher.world import World
from services.dust.line import LINE
from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.producer import Producer
from shared.application.signals.events import encode_signal, signal_headers
from shared.contract.topics import LineTopic, line_topic

SEED = int(os.environ.get("TENLINES_SEED", "0")) or int(time.time())
DEVICES = 60
SPAN = timedelta(minutes=50)
"""Of all readings: no device is silent so soon."""
BOUND, CLEAN = 2400.0, 80.0
PATIENCE = 120


class Minutes:
    """The clock of both worlds, put forward a minute at a time."""

    def __init__(self, file: Path) -> None:
        self._file, self._ahead = file, 0

    def pass_minute(self) -> None:
        self._ahead += 61
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str(self._ahead))
        fresh.replace(self._file)


@dataclass(frozen=True)
class Lines:
    """A dust line that will be killed, and one that will not."""

    killed: World
    calm: World
    clock: Minutes

    def __iter__(self) -> Iterator[tuple[str, World]]:
        return iter((("killed", self.killed), ("calm", self.calm)))


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lines]:
    home = tmp_path_factory.mktemp("killed")
    clock = {"TENLINES_TEST_CLOCK": str(home / "clock")}
    killed = World(home, namespace="killed", only=["dust"], env=clock)
    killed.start()
    try:
        calm = World(
            tmp_path_factory.mktemp("calm"), namespace="calm", only=["dust"], env=clock,
            kafka=killed.kafka_address, mongo=killed.mongo_address,
        )  # fmt: skip
        try:
            calm.start()
            yield Lines(killed, calm, Minutes(home / "clock"))
        finally:
            calm.stop()
    finally:
        killed.stop()


def test_findings_and_problems_equal_those_of_an_undisturbed_line(lines: Lines) -> None:
    _compare(lines, "few", signals=2_000, kills=3)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_findings_and_problems_after_twenty_kills(lines: Lines) -> None:
    _compare(lines, "many", signals=20_000, kills=20)


def _compare(lines: Lines, run: str, signals: int, kills: int) -> None:
    seed = SEED + signals
    print(f"seed {seed}")
    random = Random(seed)
    records = _records(run, signals, random)
    database: MongoClient[dict[str, Any]] = MongoClient(lines.killed.mongo_address)
    try:
        before = {ns: database[f"{ns}_dust"].signals.count_documents({}) for ns, _ in lines}
        for number in range(kills):
            portion = records[number * signals // kills : (number + 1) * signals // kills]
            for namespace, world in lines:
                asyncio.run(_send(world.kafka_address, namespace, portion))
            begun = before["killed"] + number * signals // kills
            _reach(database, "killed", begun + int(len(portion) * random.random() * 0.9) + 1)
            # Somewhere between keeping a batch and acknowledging it.
            time.sleep(random.random() * 0.3)
            lines.killed.kill("dust")
            lines.killed.restart("dust")
        for namespace, _ in lines:
            _reach(database, namespace, before[namespace] + signals)
        told = {ns: _Told.of(database, world, lines.clock, ns, run) for ns, world in lines}
    finally:
        database.close()
    assert told["calm"].findings, "the seed gives findings"
    assert told["killed"].findings == told["calm"].findings
    assert told["killed"].problems == told["calm"].problems
    assert told["killed"].dead_letters == 0
    print(
        f"{signals} signals, {kills} kills: {sum(told['calm'].findings.values())} findings, "
        f"{len(told['calm'].problems)} problems, the same in both"
    )


def _records(run: str, count: int, random: Random) -> list[tuple[str, datetime, bytes, Any]]:
    signal = LINE.signal("site-monitor")
    assert signal is not None
    begin = datetime.now(UTC) - SPAN
    bad = {f"{run}-{number}" for number in random.sample(range(DEVICES), DEVICES // 4)}
    found = []
    for number in range(count):
        device = f"{run}-{number % DEVICES}"
        at = begin + SPAN * (number / count) * 0.9
        tsp = BOUND + random.randrange(500) if device in bad and random.random() < 0.3 else CLEAN
        data = signal.model.model_validate(
            {
                "device_id": device, "observed_at": at, "avg_period": "PT1H",
                "lon": 116.31, "lat": 35.06, "tsp": tsp,
            }
        )  # fmt: skip
        headers = signal_headers("dust", signal.code, data, f"{device}-{number}")
        found.append((device, at, encode_signal(data), headers))
    return found


async def _send(bootstrap: str, namespace: str, portion: list[Any]) -> None:
    producer = Producer(bootstrap, "faults", seconds=60)
    topic = line_topic(namespace, "dust", LineTopic.SIGNALS)
    try:
        await producer.send_all(
            [
                Outbound(topic, device.encode(), body, headers)
                for device, _, body, headers in portion
            ]
        )
    finally:
        await producer.stop()


def _reach(database: MongoClient[dict[str, Any]], namespace: str, count: int) -> None:
    kept = database[f"{namespace}_dust"].signals
    deadline = time.monotonic() + PATIENCE
    while (now := kept.count_documents({})) < count:
        assert time.monotonic() < deadline, f"{namespace}: {now} of {count} signals kept"
        time.sleep(0.005)


@dataclass(frozen=True)
class _Told:
    """What a line has said of the devices of one run."""

    findings: Counter[str]
    problems: dict[tuple[str, str], dict[str, Any]]
    dead_letters: int

    @classmethod
    def of(
        cls,
        database: MongoClient[dict[str, Any]],
        world: World,
        clock: Minutes,
        namespace: str,
        run: str,
    ) -> _Told:
        db = database[f"{namespace}_dust"]
        _until_settled(db, clock)
        found = asyncio.run(_flowed(world.kafka_address, namespace, LineTopic.FINDINGS))
        dead = asyncio.run(_flowed(world.kafka_address, namespace, LineTopic.DEAD_LETTERS))
        mine = {id_: body for id_, body in found.items() if body["subject"].startswith(f"{run}-")}
        bodies = (json.dumps(body, sort_keys=True) for body in mine.values())
        return cls(Counter(bodies), _problems(db, run), len(dead))


def _until_settled(db: Any, clock: Minutes) -> None:
    """All findings have joined, and the sightings that wait for their minute are sent."""
    deadline = time.monotonic() + PATIENCE
    before: Any = None
    quiet_since = time.monotonic()
    while True:
        assert time.monotonic() < deadline, f"the line does not become quiet: {before}"
        now = (
            sum(each["revision"] for each in db.entries.find({}, {"revision": 1})),
            sum(each["revision"] for each in db.sightings.find({}, {"revision": 1})),
            db.memories.count_documents({"outbox.0": {"$exists": True}}),
            db.sightings.count_documents({"due_at": {"$ne": None}}),
        )
        if now != before:
            before, quiet_since = now, time.monotonic()
        elif time.monotonic() - quiet_since > 3:
            if not any(now[2:]):
                return
            clock.pass_minute()
            quiet_since = time.monotonic()
        time.sleep(0.1)


def _problems(db: Any, run: str) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for document in db.entries.find({"entry.origin.subject": {"$regex": f"^{run}-"}}):
        entry = document["entry"]
        key = (entry["origin"]["subject"], entry["category"])
        assert key not in found, f"two problems of {key}"
        same = ("status", "severity", "title", "description", "clause", "suggested_unit", "town")
        found[key] = {
            **{name: entry.get(name) for name in (*same, "sightings", "reopened")},
            "proof": entry.get("proof") is not None,
        }
    return found


async def _flowed(bootstrap: str, namespace: str, kind: LineTopic) -> dict[str, Any]:
    """The bodies on a topic of the line so far, by their CloudEvents id."""
    consumer = AIOKafkaConsumer(
        line_topic(namespace, "dust", kind),
        bootstrap_servers=bootstrap, auto_offset_reset="earliest",
    )  # fmt: skip
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        found: dict[str, Any] = {}
        while any([await consumer.position(home) < end for home, end in ends.items()]):
            for part in (await consumer.getmany(timeout_ms=500)).values():
                for record in part:
                    id_ = dict(record.headers).get("ce_id", b"").decode()
                    found[id_ or f"{record.partition}-{record.offset}"] = json.loads(record.value)
        return found
    finally:
        await consumer.stop()
