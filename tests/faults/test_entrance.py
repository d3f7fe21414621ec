"""Ten thousand broken records in a line's signal topic: it goes on, keeps each with its reason, and
the good ones between them all count.

The seed is printed; TENLINES_SEED=… repeats a run.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from deploy.launcher.world import World
from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.producer import Producer
from shared.contract.envelope import Headers
from shared.contract.topics import LineTopic, line_topic
from shared.declaration.signal import signal_type
from shared.runtime.dead_letters import DeadLetter, read_dead_letters
from tests.mutations import Json, kinds, large

SEED = int(os.environ.get("TENLINES_SEED", "0")) or int(time.time())
BROKEN, GOOD, LARGE, ELSEWHERE = 10_000, 1_000, 20, 100
PLACE = {"lon": 116.31, "lat": 35.07}
TYPE = signal_type("burning", "thermal-camera")
TOPIC = line_topic("tenlines", "burning", LineTopic.SIGNALS)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    system = World(tmp_path_factory.mktemp("entrance"), only=["burning"])
    try:
        system.start()
        yield system
    finally:
        system.stop()


def test_broken_records_are_buried_and_the_good_between_them_count(world: World) -> None:
    print(f"seed {SEED}")
    chance = Random(SEED)
    now = datetime.now(UTC)
    pid = world.pid("burning")
    records = _records(chance, now)
    chance.shuffle(records)
    asyncio.run(_send(world.kafka_address, [record for _, record in records]))
    with MongoClient[dict[str, Any]](world.mongo_address) as client:
        kept = client["tenlines_burning"].signals
        _until(lambda: kept.count_documents({}) == GOOD + ELSEWHERE)
        buried = _until(lambda: _all_buried(world))
        _until(
            lambda: client["tenlines_burning"].entries.count_documents({"entry.kind": "problem"})
        )
        problems = list(client["tenlines_burning"].entries.find({"entry.kind": "problem"}))
    assert world.pid("burning") == pid, "it never ended"
    assert httpx.get(world.address("burning") + "/readyz", timeout=10).status_code == 200

    by_kind: Counter[str] = Counter()
    for letter in buried:
        kind = next(value.decode() for name, value in letter.headers if name == "test-kind")
        by_kind[kind] += 1
        assert letter.reason.startswith("unreadable: "), (kind, letter.reason)
        assert len(letter.reason) > len("unreadable: ") + 5, kind
        assert letter.topic == TOPIC
    assert by_kind == Counter(kind for kind, _ in records if kind not in ("good", "elsewhere"))
    (problem,) = problems
    assert problem["entry"]["location"]["lon"] == PLACE["lon"], "one fire, and none elsewhere"
    print(f"{sum(by_kind.values())} broken of {len(by_kind)} kinds, all with their reason")


def _records(chance: Random, now: datetime) -> list[tuple[str, Outbound]]:
    """What is sent, each with the name of what is wrong with it."""
    found: list[tuple[str, Outbound]] = []

    def add(kind: str, value: bytes | None, leave_out: str = "", **attributes: str) -> None:
        number = len(found)
        said = {"type": TYPE, "source": f"cam-{number % 40}", "id": f"n{number}", **attributes}
        headers: Headers = [("test-kind", kind.encode())]
        headers += [(f"ce_{k}", v.encode()) for k, v in said.items() if k != leave_out]
        found.append((kind, Outbound(TOPIC, said["source"].encode(), value, headers)))

    def frame(ago: int, **more: Any) -> Json:
        at = (now - timedelta(seconds=ago)).isoformat()
        return {"device_id": "cam-1", "observed_at": at, "score": 0.9, **PLACE, **more}

    for number in range(GOOD):
        add("good", json.dumps(frame(number % 600)).encode())
    for number in range(ELSEWHERE):
        add("elsewhere", json.dumps(frame(number, lon=121.5, lat=31.2)).encode())
    for _ in range(LARGE):
        add("large", large(frame(0)))
    envelopes: dict[str, dict[str, Any]] = {
        "no id": {"leave_out": "id"},
        "no source": {"leave_out": "source"},
        "no type": {"leave_out": "type"},
        "strange type": {"type": signal_type("burning", "nonsense")},
        "no CloudEvents version of ours": {"type": "com.example.thing"},
        "no value": {"value": None},
    }
    while len(found) < GOOD + ELSEWHERE + BROKEN:
        body = frame(chance.randrange(600))
        damage = kinds(body, "score", chance)
        kind = chance.choice([*damage, *envelopes])
        if kind in damage:
            add(kind, damage[kind]())
        else:
            add(kind, **{"value": json.dumps(body).encode(), **envelopes[kind]})
    return found


async def _send(bootstrap: str, records: list[Outbound]) -> None:
    producer = Producer(bootstrap, "faults", seconds=60)
    try:
        for begin in range(0, len(records), 500):
            await producer.send_all(records[begin : begin + 500])
    finally:
        await producer.stop()


def _all_buried(world: World) -> list[DeadLetter] | None:
    async def read() -> list[DeadLetter]:
        topic = line_topic("tenlines", "burning", LineTopic.DEAD_LETTERS)
        return [letter async for letter in read_dead_letters(world.kafka_address, topic)]

    found = asyncio.run(read())
    return found if len(found) >= BROKEN else None


def _until(look: Any, seconds: float = 90) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.2)
    return found
