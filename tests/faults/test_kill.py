"""kill -9 in the middle of work: what was acknowledged is there, once, and all views agree.

`make soak` runs the full counts. The seed is printed; TENLINES_SEED=… repeats a run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx
import pytest

from deploy.launcher.places import ROOT
from deploy.launcher.world import World
from tests.faults.workload import Workload

VICTIMS = ("dust", "gateway", "kafka", "mongo")
SEED = int(os.environ.get("TENLINES_SEED", "0")) or int(time.time())
CONVERGED_SECONDS = 30


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    system = World(tmp_path_factory.mktemp("world"), only=["dust", "mobile", "gateway"])
    try:
        system.start()
        yield system
    finally:
        system.stop()


@pytest.mark.parametrize("victim", VICTIMS)
def test_nothing_is_lost_or_doubled_by_a_kill(world: World, victim: str) -> None:
    _kill_amid_commands(world, victim, commands=100, kills=1)


@pytest.mark.soak
@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.timeout(900)
def test_nothing_is_lost_or_doubled_by_kills_among_a_thousand(world: World, victim: str) -> None:
    _kill_amid_commands(world, victim, commands=1000, kills=4)


def _kill_amid_commands(world: World, victim: str, commands: int, kills: int) -> None:
    seed = SEED + VICTIMS.index(victim) + commands * 10
    print(f"seed {SEED}, victim {victim}")
    random = Random(seed)
    work = Workload(world.address("gateway"), seed, commands, seconds=240)
    futures = work.start()
    for number in range(kills):
        _wait_for(work, commands * (number + random.random()) / (kills + 1))
        world.kill(victim)
        # What is down comes back by its supervisor; a moment passes before that.
        time.sleep(random.random())
        world.launch(victim)
    while not all(future.done() for future in futures):
        # A service that ended because of it is started again, as the supervisor would.
        world.tick()
        time.sleep(0.1)
    for future in futures:
        future.result()
    _wait_ready(world)
    _verify(world)
    _each_in_effect_once(world, work)
    print(f"{work.done} acknowledged, {work.outcome.retries} tried again")


def _wait_for(work: Workload, done: float) -> None:
    deadline = time.monotonic() + 120
    while work.done < done:
        assert time.monotonic() < deadline, f"only {work.done} commands done"
        time.sleep(0.01)


def _wait_ready(world: World) -> None:
    deadline = time.monotonic() + 90
    for service in ("dust", "mobile", "gateway"):
        while not _says_ready(world.address(service)):
            assert time.monotonic() < deadline, f"{service} is not ready again"
            world.tick()
            time.sleep(0.1)


def _says_ready(address: str) -> bool:
    try:
        return httpx.get(address + "/readyz", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def _verify(world: World) -> None:
    """`tenlines verify` is clean within the promised time."""
    env = {
        **os.environ,
        "TENLINES_KAFKA": world.kafka_address,
        "TENLINES_MONGO": world.mongo_address,
    }
    command = [sys.executable, "-m", "deploy.cli", "verify", "--wait", str(CONVERGED_SECONDS)]
    told = subprocess.run(command, env=env, cwd=Path(ROOT), capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr


def _each_in_effect_once(world: World, work: Workload) -> None:
    with httpx.Client(base_url=world.address("gateway"), timeout=10) as client:
        for title, entry in work.outcome.problems.items():
            found = client.get(f"/v1/problems/{entry}").json()
            assert found["title"] == title
            assert found["comment_count"] == work.outcome.comments[entry] == 4
            history = client.get(f"/v1/problems/{entry}/history").json()["items"]
            assert [change["version"] for change in history] == [1, 2, 3, 4, 5]
        word = next(iter(work.outcome.problems)).split()[0]
        page = client.get("/v1/problems", params={"q": word, "limit": 1, "count": "true"}).json()
        assert page["total"] == len(work.outcome.problems)
