"""A whole county at work, watched by a real Prometheus with the shipped configuration."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.launcher.world import World
from shared.declaration.county.keys import DESK_KEY, LINE_KEYS
from tests.integration.observing.busy import Busy
from tests.prometheus import Prometheus

EVERY = 2.0
"""Seconds between scrapes: a test has no time for the shipped fifteen."""


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Busy]:
    home = tmp_path_factory.mktemp("observed")
    clock = home / "clock"
    env = {"TENLINES_TEST_CLOCK": str(clock)}
    services = [*LINE_KEYS, DESK_KEY, "gateway"]
    world = World(home / "world", namespace="observed", only=services, env=env)
    prometheus = Prometheus(
        home / "prometheus", {name: world.address(name) for name in services}, EVERY
    )
    try:
        world.start()
        prometheus.start()
        yield Busy(world, prometheus, clock)
    finally:
        prometheus.stop()
        world.stop()
