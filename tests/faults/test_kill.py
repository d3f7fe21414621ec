"""kill -9 in the middle of work: what was acknowledged is there, once, and all views agree.

`make soak` runs the full counts. The seed is printed; TENLINES_SEED=… repeats a run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from random import Random

import httpx
import pytest

from deploy.launcher.world import World
from tests.faults.checking import each_in_effect_once, verify
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
    work = Workload([world.address("gateway")], seed, commands, seconds=240)
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
    verify(world, CONVERGED_SECONDS)
    each_in_effect_once(world.address("gateway"), work)
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
