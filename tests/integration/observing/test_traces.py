"""One trace from a device or a person to what the gateway shows, over real topics and databases."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import httpx
import pytest

from deploy.launcher.world import World
from tests.fakes.collector import Collector, collecting
from tests.waiting import until

DEVICE = {"X-Actor": "cam-1", "X-Role": "device"}
LEAD = {"X-Actor": "li", "X-Role": "coordinator", "X-Unit": "ecology"}


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[World]:
    env = {
        "TENLINES_TRACES": collector.address,
        "TENLINES_TRACES_SHARE": "0",  # only what comes with a trace: nothing else is in the way
        "TENLINES_LOG_FORMAT": "json",
        "TENLINES_LOG_LEVEL": "INFO",
    }
    home = tmp_path_factory.mktemp("traced")
    system = World(home, namespace="traced", only=["burning", "gateway"], env=env)
    try:
        system.start()
        yield system
    finally:
        system.stop()


def _new() -> tuple[str, str]:
    """(trace id, traceparent)"""
    trace = secrets.token_hex(16)
    return trace, f"00-{trace}-{secrets.token_hex(8)}-01"


def test_one_trace_shows_signal_finding_command_ledger_and_visible(
    world: World, collector: Collector
) -> None:
    trace, parent = _new()
    seen = {
        "device_id": "cam-1", "observed_at": datetime.now(UTC).isoformat(),
        "lon": 116.31, "lat": 35.07, "score": 0.95,
    }  # fmt: skip
    answer = httpx.post(
        f"{world.address('burning')}/v1/signals/thermal-camera",
        json=seen, headers={**DEVICE, "traceparent": parent}, timeout=20,
    )  # fmt: skip
    assert answer.status_code == 202, answer.text
    wanted = [
        "burning: POST /v1/signals/{code}",
        "burning: signal burning.thermal-camera",
        "burning: finding burning.thermal-camera",
        "burning: command register",
        "burning: publish burning",
        "gateway: visible burning",
    ]

    def told() -> dict[str, Any] | None:
        spans = collector.of(trace)
        finding = [name for name in spans if name.startswith("burning: finding ")]
        if finding:
            wanted[2] = finding[0]
        return spans if set(wanted) <= set(spans) else None

    try:
        spans = until(told, 30)
    except AssertionError:
        raise AssertionError(f"told: {sorted(collector.of(trace))}") from None
    assert spans is not None
    chain = [spans[name] for name in wanted]
    assert chain[0].parent == parent.split("-")[2]
    for before, after in pairwise(chain):
        assert after.parent == before.span, f"{after.name} is told as a child of {before.name}"
    entry = chain[3].facts["tenlines.entry"]
    assert {span.facts["tenlines.entry"] for span in chain[3:]} == {entry}


def _reported(world: World, parent: str, title: str) -> dict[str, Any]:
    answer = httpx.post(
        f"{world.address('gateway')}/v1/problems",
        json={"line": "burning", "title": title, "severity": "general",
              "location": {"town": "370828001"}},
        headers={**LEAD, "traceparent": parent, "Prefer": "wait=20"}, timeout=30,
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_person_s_command_is_one_trace_over_both_processes(
    world: World, collector: Collector
) -> None:
    trace, parent = _new()
    problem = _reported(world, parent, "田里有烟")
    wanted = [
        "gateway: POST /v1/problems",
        "burning: command register",
        "burning: publish burning",
        "gateway: visible burning",
    ]
    until(lambda: set(wanted) <= set(collector.of(trace)), 30, "the whole way is told")
    spans = collector.of(trace)
    for before, after in pairwise(wanted):
        assert spans[after].parent == spans[before].span
    assert spans[wanted[1]].facts["tenlines.entry"] == problem["id"]


def test_what_waits_in_the_outbox_over_a_restart_keeps_its_trace(
    world: World, collector: Collector
) -> None:
    """The broker is away, the change is decided and the line killed: whoever publishes it later
    still says what it was for."""
    trace, parent = _new()
    world.kill("kafka")
    try:
        answer = httpx.post(
            f"{world.address('burning')}/v1/problems",
            json={"title": "等着发布", "severity": "general", "location": {"town": "370828001"}},
            headers={**LEAD, "traceparent": parent}, timeout=30,
        )  # fmt: skip
        assert answer.status_code == 201, answer.text
        world.kill("burning")
    finally:
        world.restart("kafka")
    world.restart("burning")
    wanted = {"burning: publish burning", "gateway: visible burning"}
    until(lambda: wanted <= set(collector.of(trace)), 60, "the change is published and seen")
    spans = collector.of(trace)
    assert spans["gateway: visible burning"].parent == spans["burning: publish burning"].span


def test_log_lines_of_the_work_name_line_entry_command_and_trace(world: World) -> None:
    trace, parent = _new()
    problem = _reported(world, parent, "日志也要说清楚")
    refused = httpx.post(
        f"{world.address('burning')}/v1/problems/{problem['id']}/approve",
        json={"result": "qualified"},
        headers={**LEAD, "X-Role": "inspector", "If-Match": '"1"', "traceparent": parent},
        timeout=20,
    )
    assert refused.status_code == 409, refused.text

    def lines() -> list[dict[str, Any]]:
        text = world.places.log("burning").read_text(encoding="utf-8", errors="replace")
        found = (json.loads(line) for line in text.splitlines() if line.startswith("{"))
        return [line for line in found if line.get("trace") == trace]

    until(lambda: len(lines()) >= 2, 20, "the line tells of its work")
    for line in lines():
        assert (line["line"], line["entry"]) == ("burning", problem["id"])
        assert line["command"]
