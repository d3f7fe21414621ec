"""End to end: a device speaks, and the gateway has one problem, however often it is said."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord
from jsonschema import Draft202012Validator

from deploy.launcher.world import World

DEVICE = {"X-Actor": "cam-gateway", "X-Role": "device"}
PLACE = {"lon": 116.31, "lat": 35.07}
Json = dict[str, Any]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    system = World(tmp_path_factory.mktemp("signals"), only=["burning", "gateway"])
    try:
        system.start()
        yield system
    finally:
        system.stop()


@pytest.fixture
def burning(world: World) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=world.address("burning"), timeout=15, headers=DEVICE) as client:
        yield client


@pytest.fixture
def gateway(world: World) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=world.address("gateway"), timeout=15) as client:
        yield client


def frame(device: str, at: datetime, score: float = 0.95, **more: Any) -> Json:
    return {"device_id": device, "observed_at": at.isoformat(), "score": score, **PLACE, **more}


def fires(gateway: httpx.Client) -> list[Json]:
    answer = gateway.get("/v1/problems", params={"line": "burning", "limit": 200})
    answer.raise_for_status()
    found: list[Json] = answer.json()["items"]
    return found


def until(look: Callable[[], Any], seconds: float = 20) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
    return found


def test_one_fire_is_one_problem_with_its_place_and_its_unit(
    burning: httpx.Client, gateway: httpx.Client
) -> None:
    now = datetime.now(UTC)
    answer = burning.post("/v1/signals/thermal-camera", json=frame("cam-1", now))
    assert answer.status_code == 202, answer.text
    problem = until(lambda: fires(gateway))[0]
    assert problem["origin"]["rule"].startswith("burning.")
    assert problem["clause"] == "16.1"
    assert problem["suggested_unit"] == "agriculture", "the lead of 16.1"
    assert problem["severity"] == "critical"
    assert problem["town_by"] == "nearest-seat" and problem["location"]["town"]

    # The same frame again, another camera and a later frame: still one problem.
    near = {"lon": PLACE["lon"] + 0.001}
    body = [
        frame("cam-1", now),
        frame("cam-2", now + timedelta(seconds=5), **near),
        frame("cam-1", now + timedelta(seconds=10)),
    ]
    answer = burning.post("/v1/signals/thermal-camera", json=body)
    assert [item["status"] for item in answer.json()["items"]] == ["accepted"] * 3

    far = frame("cam-9", now, lon=116.40, lat=35.15)
    burning.post("/v1/signals/thermal-camera", json=far)
    until(lambda: len(fires(gateway)) == 2)
    assert {p["location"]["lon"] for p in fires(gateway)} == {116.31, 116.40}


def test_bad_items_are_told_and_the_good_between_them_count(burning: httpx.Client) -> None:
    now = datetime.now(UTC)
    lines = [
        json.dumps(frame("cam-5", now, score=0.1)),
        "{not json",
        json.dumps(frame("cam-5", now + timedelta(days=2))),
        json.dumps(frame("cam-5", now, score=17)),
        json.dumps(frame("cam-5", now - timedelta(minutes=1), score=0.2)),
    ]
    answer = burning.post(
        "/v1/signals/thermal-camera",
        content="\n".join(lines),
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert answer.status_code == 202
    told = answer.json()
    assert (told["accepted"], told["refused"]) == (2, 3)
    assert [item["status"] for item in told["items"]] == [
        "accepted", "refused", "refused", "refused", "accepted",
    ]  # fmt: skip
    assert told["items"][2]["errors"][0]["pointer"] == "/observed_at"
    refused = burning.post("/v1/signals/thermal-camera", json=frame("cam-5", now, score=17))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/0/score"
    unknown = burning.post("/v1/signals/moon", json={})
    assert unknown.status_code == 404 and "thermal-camera" in unknown.json()["detail"]


def test_what_flowed_is_what_the_contract_says(
    world: World, burning: httpx.Client, gateway: httpx.Client
) -> None:
    until(lambda: fires(gateway))
    document = burning.get("/asyncapi.json").json()
    flowed = asyncio.run(_flowed(world.kafka_address, document))
    kinds = {name for name, _ in flowed}
    assert {"signals", "findings", "ledger", "history"} <= kinds, "something of each flowed"
    for name, record in flowed:
        headers = {key: value.decode() for key, value in record.headers}
        messages = [
            document["components"]["messages"][each]
            for each in document["channels"][name]["messages"]
        ]
        message = next(each for each in messages if each["name"] == headers["ce_type"])
        for schema, value in (
            (message["headers"], headers),
            (message["payload"], json.loads(record.value)),
        ):
            whole = {**schema, "components": document["components"]}
            Draft202012Validator(whole).validate(value)


async def _flowed(bootstrap: str, document: Json) -> list[tuple[str, ConsumerRecord]]:
    """Every record on the channels of the contract so far."""
    by_topic = {channel["address"]: name for name, channel in document["channels"].items()}
    consumer = AIOKafkaConsumer(
        *by_topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        found: list[tuple[str, ConsumerRecord]] = []
        while batch := await consumer.getmany(timeout_ms=1500):
            found += [(by_topic[home.topic], r) for home, part in batch.items() for r in part]
        return found
    finally:
        await consumer.stop()
