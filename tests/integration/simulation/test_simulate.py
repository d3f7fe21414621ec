"""`tenlines simulate` into a running world: what was planted becomes problems at the gateway."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from deploy.cli.simulate import simulate
from deploy.launcher.trouble import Trouble
from deploy.launcher.world import World

SEED, DAYS = 1, 2


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("simulated")
    clock = {"TENLINES_TEST_CLOCK": str(home / "clock")}
    system = World(home, namespace="sim", only=["dust", "gateway"], env=clock)
    try:
        system.start()
        yield system
    finally:
        system.stop()


def run(world: World, monkeypatch: pytest.MonkeyPatch, *args: str, **more: str | None) -> Result:
    settings: dict[str, str | None] = {
        "TENLINES_KAFKA": world.kafka_address,
        "TENLINES_NAMESPACE": "sim",
        "TENLINES_TEST_CLOCK": str(world.places.home / "clock"),
        **more,
    }
    for name, value in settings.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    return CliRunner().invoke(simulate, args)


def test_planted_incidents_are_seen_at_the_gateway(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    truth = tmp_path / "truth.jsonl"
    done = run(
        world, monkeypatch,
        "--days", str(DAYS), "--speed", "0", "--seed", str(SEED), "--truth", str(truth),
    )  # fmt: skip
    assert done.exit_code == 0, (done.output, done.exception)
    planted = [json.loads(text) for text in truth.read_text().splitlines()]
    wanted = {
        (subject, incident["category"])
        for incident in planted
        # Lines look for silence every five seconds of their own: here a day passes in less.
        if incident["line"] == "dust" and incident["category"] != "monitor_fault"
        for subject in incident["subjects"]
    }
    assert wanted, "the seed plants something in the dust line"
    deadline = time.monotonic() + 60
    with httpx.Client(base_url=world.address("gateway"), timeout=15) as gateway:
        while missing := wanted - _seen(gateway):
            assert time.monotonic() < deadline, f"not seen: {missing}"
            time.sleep(0.2)


def _seen(gateway: httpx.Client) -> set[tuple[str, str]]:
    answer = gateway.get("/v1/problems", params={"line": "dust", "limit": 200})
    answer.raise_for_status()
    items: list[dict[str, Any]] = answer.json()["items"]
    return {(item["origin"]["subject"], item["category"]) for item in items if item["origin"]}


def test_the_offices_ledgers_are_refused(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    truth = tmp_path / "truth.jsonl"
    done = run(world, monkeypatch, "--truth", str(truth), TENLINES_NAMESPACE="tenlines")
    assert isinstance(done.exception, Trouble)
    assert "the office's ledgers" in str(done.exception)
    assert not truth.exists()


def test_a_world_without_its_own_clock_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done = run(world, monkeypatch, "--truth", str(tmp_path / "t"), TENLINES_TEST_CLOCK=None)
    assert isinstance(done.exception, Trouble)
    assert "TENLINES_TEST_CLOCK" in str(done.exception)
