"""End to end through HTTP and topics: the lives that a problem can have in a running county."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from deploy.launcher.world import World
from tests.fakes.pictures import gps, picture

HOUSING = {"X-Actor": "zhang", "X-Role": "department", "X-Unit": "housing"}
LEAD = {"X-Actor": "li", "X-Role": "line_lead", "X-Unit": "housing"}
INSPECTOR = {"X-Actor": "wang", "X-Role": "inspector", "X-Unit": "ecology"}
COORDINATOR = {"X-Actor": "chen", "X-Role": "coordinator", "X-Unit": "ecology"}
Json = dict[str, Any]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    services = ["dust", "mobile", "coordination", "gateway"]
    system = World(tmp_path_factory.mktemp("county"), only=services, replicas={"dust": 2})
    try:
        system.start()
        yield system
    finally:
        system.stop()


@pytest.fixture
def gateway(world: World) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=world.address("gateway"), timeout=15) as client:
        yield client


def _report(gateway: httpx.Client, title: str, line: str = "dust") -> Json:
    response = gateway.post(
        "/v1/problems",
        headers={**HOUSING, "Prefer": "wait=15"},
        json={
            "line": line,
            "title": title,
            "severity": "general",
            "location": {"lon": 116.3, "lat": 35.05, "town": "370828001"},
        },
    )
    assert response.status_code == 201, response.text
    assert response.headers["etag"] == '"1"'
    found: Json = response.json()
    return found


def _do(
    gateway: httpx.Client, problem: Json, command: str, who: dict[str, str], **body: Any
) -> Json:
    response = gateway.post(
        f"/v1/problems/{problem['id']}/{command}",
        headers={**who, "If-Match": f'"{problem["version"]}"', "Prefer": "wait=15"},
        json=body,
    )
    assert response.status_code == 200, f"{command}: {response.text}"
    after: Json = response.json()
    assert after["version"] == problem["version"] + 1
    return after


def _until(look: Callable[[], Json | None], seconds: float = 20) -> Json:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("did not come true in time")


def _seen(gateway: httpx.Client, problem: Json, **wanted: Any) -> Json:
    def look() -> Json | None:
        found: Json = gateway.get(f"/v1/problems/{problem['id']}").json()
        return found if all(found[name] == value for name, value in wanted.items()) else None

    return _until(look)


def _history(gateway: httpx.Client, problem: Json, length: int) -> list[Json]:
    """The history, once the projector has so many changes of it."""

    def look() -> Json | None:
        found: Json = gateway.get(f"/v1/problems/{problem['id']}/history").json()
        return found if len(found["items"]) >= length else None

    items: list[Json] = _until(look)["items"]
    return items


def _upload(gateway: httpx.Client, content: bytes) -> Json:
    done = gateway.post("/v1/files", files={"file": ("现场.jpg", content)}, headers=HOUSING)
    assert done.status_code == 201, done.text
    found: Json = done.json()
    return found


def test_from_report_to_closing(world: World, gateway: httpx.Client) -> None:
    problem = _report(gateway, "工地裸土未覆盖")
    problem = _do(gateway, problem, "assign", LEAD, unit="housing", town="370828001")
    for command in ("accept", "start"):
        problem = _do(gateway, problem, command, HOUSING)
    missing = gateway.post(
        f"/v1/problems/{problem['id']}/attach-evidence",
        headers=HOUSING,
        json={"kind": "after", "sha256": "0" * 64},
    )
    assert missing.status_code == 422, missing.text
    assert missing.json()["errors"][0]["pointer"] == "/sha256"
    content = picture(place=gps(116.3, 35.06), own={0x9003: "2020:01:01 08:00:00"})
    photo = _upload(gateway, content)
    problem = _do(
        gateway, problem, "attach-evidence", HOUSING, kind="after", sha256=photo["sha256"]
    )
    (attached,) = problem["evidence"]
    assert attached["doubts"] == [
        "照片位置距问题点 1.1 公里", "拍摄时间早于整改开始:照片记录为 2020-01-01 08:00",
    ]  # fmt: skip
    problem = _do(gateway, problem, "submit", HOUSING)
    refused = gateway.post(
        f"/v1/problems/{problem['id']}/approve",
        headers={**INSPECTOR, "X-Unit": "housing", "If-Match": f'"{problem["version"]}"'},
        json={"result": "qualified"},
    )
    assert refused.status_code == 403
    assert refused.json()["type"] == "/problems/rectifier-cannot-approve"
    early = gateway.post(
        f"/v1/problems/{problem['id']}/approve",
        headers={**INSPECTOR, "If-Match": f'"{problem["version"]}"'},
        json={"result": "qualified"},
    )
    assert early.status_code == 409 and early.json()["missing"] == ["after"], early.text
    fresh = {"kind": "after", "sha256": _upload(gateway, picture(size=(320, 200)))["sha256"]}
    problem = _do(gateway, problem, "approve", INSPECTOR, result="qualified", evidence=[fresh])
    assert problem["status"] == "closed"
    with httpx.Client(base_url=world.address("dust-1"), timeout=15) as line:
        for service in (gateway, line):
            seen = service.get(photo["location"], headers=INSPECTOR)
            assert (seen.status_code, seen.content) == (200, content)
            assert service.get(photo["thumbnail"], headers=INSPECTOR).status_code == 200
    assert [change["rule"] for change in _history(gateway, problem, 7)] == [
        "problem.register",
        "problem.assign",
        "problem.accept",
        "problem.start",
        "problem.attach-evidence",
        "problem.submit",
        "problem.approve",
    ]


def test_a_problem_moves_with_its_history_and_back(gateway: httpx.Client) -> None:
    problem = _report(gateway, "渣土车冒黑烟")
    number = problem["number"]
    _do(gateway, problem, "transfer", COORDINATOR, line="mobile", reason="属移动源")
    there = _seen(gateway, problem, line="mobile", status="registered")
    assert (there["number"], there["version"], there["moved_from"]) == (number, 3, "dust")
    # Straight away, to wherever it is now: the gateway finds the line.
    _do(gateway, there, "transfer", COORDINATOR, line="dust", reason="还是扬尘")
    back = _seen(gateway, problem, line="dust", status="registered")
    assert (back["number"], back["version"]) == (number, 5)
    assert [c["version"] for c in _history(gateway, problem, 5)] == [1, 2, 3, 4, 5]


def test_the_second_return_goes_to_the_desk(gateway: httpx.Client) -> None:
    problem = _report(gateway, "两次退回的问题")
    for _ in range(2):
        problem = _do(gateway, problem, "assign", LEAD, unit="housing")
        problem = _do(
            gateway, problem, "return", HOUSING, reason="非本单位职责", suggested_unit="transport"
        )
    assert problem["status"] == "moved"
    desk = _seen(gateway, problem, line="coordination", status="registered")
    assert desk["suggested_unit"] == "transport"


def test_a_merged_problem_is_counted_where_it_went(gateway: httpx.Client) -> None:
    kept, doubled = _report(gateway, "同一工地"), _report(gateway, "同一工地又报")
    _do(gateway, doubled, "merge", LEAD, into=kept["id"])
    after = _seen(gateway, kept, absorbed_count=1)
    assert after["absorbed"] == [doubled["id"]]
