"""End to end: the air of a county goes bad at one station; what is near and upwind is looked into in
its own line, and the high value is not closed before that."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.launcher.world import World
from services.dust.signals import SiteMonitor
from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.producer import Producer
from shared.application.signals.events import encode_signal, signal_headers
from shared.contract.topics import LineTopic, line_topic
from shared.declaration.signal import Observed
from tests.fakes.pictures import picture
from tests.lines.facts import PACK
from tests.lines.hotspot.playing import PLACES, hour
from tests.waiting import until

LON, LAT = PLACES["A"]
HERE = {"town": "370828001", "area_m2": 3000}
SITES = [
    {"id": "G-1", "name": "北面工地", "lon": LON, "lat": LAT + 0.009, **HERE},
    {"id": "G-2", "name": "南面工地", "lon": LON, "lat": LAT - 0.0045, **HERE},
    {"id": "G-3", "name": "四公里外工地", "lon": LON, "lat": LAT + 0.036, **HERE},
]
Json = dict[str, Any]
OVER: Json = {"result": "qualified"}
CALM = timedelta(hours=4)
"""The pack's clear_hours of the rule: so long the air has to be good."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("hotspot")
    pack = home / "county"
    shutil.copytree(PACK, pack)
    (pack / "places.yaml").write_text(json.dumps({"sites": SITES}))
    only = ["hotspot", "dust", "gateway"]
    system = World(home, only=only, env={"TENLINES_COUNTY": str(pack)})
    try:
        system.start()
        yield system
    finally:
        system.stop()


@pytest.fixture
def gateway(world: World) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=world.address("gateway"), timeout=15) as client:
        yield client


def test_a_high_value_goes_to_its_sources_and_waits_for_them(
    world: World, gateway: httpx.Client
) -> None:
    told = gateway.post(
        "/v1/problems",
        json={"line": "dust", "title": "土方裸露", "severity": "general", "category": "bare_soil",
              "site": "东北面料场", "location": {"lon": LON + 0.001, "lat": LAT + 0.012,
                                            "town": "370828001"}},
        headers={"X-Actor": "zhang", "X-Role": "department", "X-Unit": "housing"},
    )  # fmt: skip
    assert told.status_code == 201, told.text
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    bad_until = now - CALM
    asyncio.run(_send(world, [_site_hour(bad_until - timedelta(hours=2)), *_air(bad_until, _bad)]))

    parent = until(lambda: _one(gateway, "hotspot"), 40, "the high value")
    assert parent["origin"]["rule"] == "hotspot.high-value-area"
    assert "PM2.5/PM10" in parent["description"], "the hint says why"
    child = until(lambda: _one(gateway, "dust"), 40, "its child in the dust line")
    assert child["parent"]["id"] == parent["id"]
    assert "PM2.5/PM10" in child["description"] and "上风向" in child["description"]
    named = child["facts"]["candidates"]
    assert named[0].startswith("北面工地"), "upwind first"
    assert told.json()["number"] in named[1], "then what a person reported, farther away"
    assert not any("四公里外" in each for each in (*named, *parent["facts"]["candidates"]))

    _rectify(gateway, parent["id"], "ecology")
    refused = _act(gateway, parent["id"], "approve", "inspector", OVER, "agriculture")
    assert refused.status_code == 409, refused.text
    assert refused.json()["type"].endswith("children-open")
    assert child["number"] in refused.json()["detail"]

    _rectify(gateway, child["id"], "housing")
    done = _act(gateway, child["id"], "approve", "inspector", OVER, "agriculture")
    assert done.status_code == 200, done.text
    until(lambda: _told_ended(gateway, parent["id"]), 20, "the parent knows that its child ended")
    refused = _act(gateway, parent["id"], "approve", "inspector", OVER, "agriculture")
    assert refused.status_code == 409, refused.text
    assert refused.json()["missing"] == ["reading"], "a photo of clean air shows nothing"
    asyncio.run(_send(world, _air(now, lambda station, back: {})))
    until(lambda: _proved(gateway, parent["id"]), 40, "the air is as good as elsewhere again")
    done = _act(gateway, parent["id"], "approve", "inspector", OVER, "agriculture")
    assert done.status_code == 200, done.text
    assert done.json()["status"] == "closed"


def _air(end: datetime, what: Callable[[str, int], Json]) -> list[Observed]:
    """Six hours of all stations up to `end`."""
    return [
        hour(station, back, at=end - timedelta(hours=5 - back), **what(station, back))
        for back in range(6)
        for station in PLACES
    ]


def _proved(gateway: httpx.Client, problem: str) -> bool:
    return bool(gateway.get(f"/v1/problems/{problem}").json()["ready_since"])


def _bad(station: str, back: int) -> Json:
    """From the third hour on station A is full of coarse dust, with a wind from the north."""
    if station != "A" or back < 2:
        return {}
    return {
        "pm10": 180.0 + back, "pm25": 36.0 + back / 10, "wind_direction": 0.0, "wind_speed": 3.0,
    }  # fmt: skip


def _site_hour(at: datetime) -> Observed:
    data = SiteMonitor(
        device_id="G-1", site="G-1", observed_at=at, avg_period="PT1H", pm10=260.0,
        lon=LON, lat=LAT + 0.009,
    )  # fmt: skip
    return Observed("dust", "site-monitor", data)


async def _send(world: World, signals: list[Observed]) -> None:
    producer = Producer(world.kafka_address, "test", seconds=30)
    try:
        for seen in signals:
            data: Any = seen.data
            topic = line_topic("tenlines", seen.line, LineTopic.SIGNALS)
            headers = signal_headers(seen.line, seen.signal, data, str(uuid4()))
            await producer.send_all(
                # One key for all: hours that lie in the past must not overtake each other.
                [Outbound(topic, b"all", encode_signal(data), headers)]
            )
    finally:
        await producer.stop()


def _one(gateway: httpx.Client, line: str) -> Json | None:
    """The problem of a line that belongs to the high value."""
    answer = gateway.get("/v1/problems", params={"line": line, "limit": 50})
    answer.raise_for_status()
    found = [
        each for each in answer.json()["items"] if (each["origin"] or {}).get("subject") == "area:A"
    ]
    assert len(found) <= 1, "one problem, not fifty"
    return gateway.get(f"/v1/problems/{found[0]['id']}").json() if found else None


def _told_ended(gateway: httpx.Client, parent: str) -> bool:
    children = gateway.get(f"/v1/problems/{parent}").json()["children"]
    return all(child["status"] == "closed" for child in children)


def _act(
    gateway: httpx.Client, problem: str, name: str, role: str, body: Json, unit: str = "ecology"
) -> httpx.Response:
    while True:
        version = gateway.get(f"/v1/problems/{problem}").headers["etag"]
        headers = {"X-Actor": f"{role}-1", "X-Role": role, "X-Unit": unit, "If-Match": version}
        done = gateway.post(f"/v1/problems/{problem}/{name}", json=body, headers=headers)
        # The lines write, too: it is seen again, or its child tells of itself.
        if done.status_code != 412:
            return done


def _photo(gateway: httpx.Client) -> str:
    """The hash of an uploaded one."""
    who = {"X-Actor": "zhang", "X-Role": "department", "X-Unit": "housing"}
    done = gateway.post("/v1/files", files={"file": ("现场.jpg", picture())}, headers=who)
    assert done.status_code in (200, 201), done.text
    found: str = done.json()["sha256"]
    return found


def _rectify(gateway: httpx.Client, problem: str, unit: str) -> None:
    steps: list[tuple[str, str, Json]] = [
        ("assign", "line_lead", {"unit": unit, "town": "370828001",
                                 "due_at": "2030-01-01T18:00:00+08:00"}),
        ("accept", "department", {}),
        ("start", "department", {}),
        ("attach-evidence", "department", {"kind": "after", "sha256": _photo(gateway)}),
        ("submit", "department", {}),
    ]  # fmt: skip
    for name, role, body in steps:
        done = _act(gateway, problem, name, role, body, unit)
        assert done.status_code == 200, (name, done.text)
