"""Two lines and the gateway, all their spans told to a collector on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from deploy.launcher.world import World
from tests.fakes.collector import Collector, Seen, collecting
from tests.waiting import until

LINES = ("burning", "livelihood")
SERVICES = (*LINES, "gateway")
NAMESPACE = "traced"


@dataclass
class Traced:
    world: World
    collector: Collector

    def told(self, trace: str, *names: str) -> dict[str, Seen]:
        """The spans of a trace by service and name, once these (`service: name`) are among them."""

        def all_there() -> dict[str, Seen]:
            found = {f"{s.service}: {s.name}": s for s in self.collector.spans(trace)}
            return found if found.keys() >= set(names) else {}

        return until(all_there, 40, f"spans {names} of {trace}")

    def logs(self) -> dict[str, str]:
        return {
            name: self.world.places.log(name).read_text(encoding="utf-8", errors="replace")
            for name in SERVICES
        }


@pytest.fixture(scope="package")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    with collecting() as collector:
        env = {
            "TENLINES_TRACES": collector.url,
            "TENLINES_TRACES_SHARE": "1",
            "TENLINES_LOG_LEVEL": "DEBUG",
        }
        home = tmp_path_factory.mktemp("traced")
        world = World(home, namespace=NAMESPACE, only=SERVICES, env=env)
        try:
            world.start()
            yield Traced(world, collector)
        finally:
            world.stop()
