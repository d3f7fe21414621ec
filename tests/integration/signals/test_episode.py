"""End to end: days of bad air are forecast; all ten lines get their orders, and lose them again."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from deploy.launcher.world import World
from services.episode.signals import SIGNALS
from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.producer import Producer
from shared.application.signals.events import encode_signal, signal_headers
from shared.contract.topics import LineTopic, line_topic
from shared.declaration.county.keys import LINE_KEYS
from shared.domain.moments import shanghai_day
from tests.lines.facts import PACK
from tests.waiting import until

Json = dict[str, Any]
COURSE = "重污染天气过程"
LISTED = {
    "id": "Q-1", "name": "某建材公司", "town": "370828102", "lon": 116.32, "lat": 35.18,
    "lines": ["industry", "vocs"], "emergency_list": True,
    "measures": {"orange": ["停产一半生产线"], "red": ["全部停产"]},
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("episode")
    pack = home / "county"
    shutil.copytree(PACK, pack)
    (pack / "places.yaml").write_text(json.dumps({"enterprises": [LISTED]}))
    env = {"TENLINES_COUNTY": str(pack), "TENLINES_TEST_CLOCK": str(home / "clock")}
    system = World(home, only=[*LINE_KEYS, "gateway"], env=env)
    try:
        system.start()
        yield system
    finally:
        system.stop()


@pytest.fixture
def gateway(world: World) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=world.address("gateway"), timeout=15) as client:
        yield client


def test_an_episode_reaches_all_ten_lines_and_ends(world: World, gateway: httpx.Client) -> None:
    now = datetime.now(UTC)
    waiting = {line: _assigned(gateway, line) for line in ("dust", "coal")}
    asyncio.run(_send(world, "alert", _alert(now, "orange")))
    tasks = until(lambda: _tasks(gateway, 12), 60, "the orders of the orange alert")
    whole = {each["line"] for each in tasks if "落实本线" in each["text"]}
    assert whole == set(LINE_KEYS)
    listed = [each for each in tasks if "某建材公司" in each["text"]]
    assert sorted(each["line"] for each in listed) == ["industry", "vocs"]
    assert all("停产一半生产线" in each["text"] for each in listed)
    assert all(each["town"] == "370828102" for each in listed)

    less = until(lambda: _shortened(gateway, waiting["dust"]), 30, "shorter clocks in dust")
    assert _left(less) == pytest.approx(_left(waiting["dust"]) / 2, abs=120)
    told = gateway.get(f"/v1/problems/{less['id']}/history").json()["items"][-1]
    assert told["rule"] == "problem.shorten" and "橙色预警" in told["reason"]
    coal = gateway.get(f"/v1/problems/{waiting['coal']['id']}").json()
    assert coal["due_at"] == waiting["coal"]["due_at"], "the county chose dust, mobile and industry"

    # A forecast of the same days is the same episode: nothing is ordered twice.
    asyncio.run(_send(world, "forecast", _forecast(now + timedelta(seconds=1), 210, 220, 160)))
    later = now + timedelta(seconds=2)
    asyncio.run(_send(world, "alert", _alert(later, "red")))
    until(lambda: _running(gateway, 12), 60, "only the orders of the red alert run")
    both = _tasks(gateway, 24)
    assert both is not None and len(both) == 24
    assert all("红色" in each["text"] for each in both if each["ended_on"] is None)
    assert len({_episode(each["text"]) for each in both}) == 1, "one episode"

    asyncio.run(_send(world, "alert", _alert(later + timedelta(seconds=1), "none")))
    until(lambda: _running(gateway, 0), 60, "the end of all orders")
    until(lambda: _course(gateway)["ended_on"], 20, "the end of the course")
    both = _tasks(gateway, 24)
    assert both is not None and len(both) == 24
    course = _course(gateway)
    assert course["text"].index("橙色预警") < course["text"].index("红色预警")
    history = gateway.get(f"/v1/tasks/{course['id']}/history").json()["items"]
    assert [change["rule"] for change in history] == ["task.create", "task.change", "task.end"]


def _assigned(gateway: httpx.Client, line: str) -> Json:
    """A problem that a patrol found, handed out: seven days."""
    who = {"X-Actor": "lead", "X-Role": "coordinator", "X-Unit": "ecology"}
    report = {
        "line": line, "title": "裸土未覆盖", "severity": "general", "source": "patrol",
        "location": {"town": "370828102"},
    }  # fmt: skip
    made = gateway.post("/v1/problems", json=report, headers=who)
    assert made.status_code == 201, made.text
    given = gateway.post(
        f"/v1/problems/{made.json()['id']}/assign",
        json={"unit": "housing"},
        headers={**who, "If-Match": made.headers["ETag"]},
    )
    assert given.status_code == 200, given.text
    found: Json = given.json()
    return found


def _shortened(gateway: httpx.Client, before: Json) -> Json | None:
    now: Json = gateway.get(f"/v1/problems/{before['id']}").json()
    return now if now["due_at"] < before["due_at"] else None


def _left(problem: Json) -> float:
    """Seconds from the last change to the due time."""
    due, at = (datetime.fromisoformat(problem[name]) for name in ("due_at", "updated_at"))
    return (due - at).total_seconds()


def _alert(at: datetime, level: str) -> Json:
    return {
        "device_id": "济宁市", "observed_at": at, "issuer": "济宁市", "level": level,
        "starts_at": at,
    }  # fmt: skip


def _forecast(at: datetime, *aqi: int) -> Json:
    first = shanghai_day(at)
    days = [
        {"date": (first + timedelta(days=n)).isoformat(), "aqi": value}
        for n, value in enumerate(aqi)
    ]
    return {"device_id": "市监测站", "observed_at": at, "days": days}


async def _send(world: World, code: str, body: Json) -> None:
    signal = next(each for each in SIGNALS if each.code == code)
    data = signal.model.model_validate(body)
    producer = Producer(world.kafka_address, "test", seconds=30)
    topic = line_topic("tenlines", "episode", LineTopic.SIGNALS)
    headers = signal_headers("episode", code, data, f"{code}-{data.observed_at.isoformat()}")
    try:
        await producer.send_all(
            [Outbound(topic, data.device_id.encode(), encode_signal(data), headers)]
        )
    finally:
        await producer.stop()


def _tasks(gateway: httpx.Client, count: int) -> list[Json] | None:
    """The tasks that the episode ordered, when there are at least so many."""
    found: list[Json] = []
    for line in LINE_KEYS:
        answer = gateway.get("/v1/tasks", params={"line": line, "limit": 200})
        answer.raise_for_status()
        found += [
            each
            for each in answer.json()["items"]
            if " 过程,启动):" in each["text"] or " 过程,升级):" in each["text"]
        ]
    return found if len(found) >= count else None


def _running(gateway: httpx.Client, count: int) -> bool:
    """Whether just so many of all that were ordered, in both alerts, have not ended."""
    tasks = _tasks(gateway, 24)
    return tasks is not None and sum(each["ended_on"] is None for each in tasks) == count


def _course(gateway: httpx.Client) -> Json:
    answer = gateway.get("/v1/tasks", params={"line": "episode", "limit": 200})
    (found,) = [each for each in answer.json()["items"] if each["text"].startswith(COURSE)]
    return dict(found)


def _episode(text: str) -> str:
    return text.split("(", 1)[1].split(" 过程", 1)[0]
