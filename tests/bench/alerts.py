"""From a real fault to the alert that tells of it, in a real Prometheus with all that we ship.

    python -m tests.bench.alerts

Scrape interval, evaluation interval, rules and their `for` are the shipped ones; only the addresses
are those of this run: the dust line and the gateway over their own engines. A message that nobody
can read is sent, the line is killed, the broker is killed; after each the system is made whole
again. Printed: the seconds until Prometheus itself shows the alert pending, and firing, beside the
floor, the rule's own `for`. What comes on top is where in the intervals the fault fell, so another
run gives other figures. Nearly all of it is waiting.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.launcher.world import World
from shared.adapters.kafka.producer import Producer
from shared.contract.topics import LineTopic, line_topic
from tests.prometheus import Prometheus
from tests.waiting import until

NAMESPACE = "alarmed"
LINE, GATEWAY = "dust", "gateway"
SECONDS = 300
"""How long an alert may take to fire, or a mended system to be read as well again."""
_LOOK = 0.1


@dataclass(frozen=True)
class Fault:
    name: str
    alert: str
    labels: Mapping[str, str]
    """Of the one alert that is meant: others of its rule may tell of something else."""
    strike: Callable[[World], None]
    mend: Callable[[World], None]


@dataclass(frozen=True)
class Told:
    fault: Fault
    floor: float
    """The rule's `for`, in seconds."""
    pending: float
    """Seconds from the fault; as `firing` where the rule has no `for`."""
    firing: float


def _poison(world: World) -> None:
    asyncio.run(_unreadable(world.kafka_address))


async def _unreadable(bootstrap: str) -> None:
    producer = Producer(bootstrap, "poison", seconds=30)
    try:
        await producer.send(
            line_topic(NAMESPACE, LINE, LineTopic.SIGNALS), b"x", b"this is no signal", []
        )
    finally:
        await producer.stop()


def _restart_all(world: World) -> None:
    """The broker, and whatever did not outlive its absence."""
    world.restart("kafka")
    for service in (LINE, GATEWAY):
        child = world.keepers[service].member.child
        if child is None or not child.alive:
            world.restart(service)


FAULTS = (
    Fault("unreadable message", "DeadLetters", {"line": LINE}, _poison, lambda world: None),
    Fault(
        "line killed", "ServiceDown", {"service": LINE},
        lambda world: world.kill(LINE), lambda world: world.restart(LINE),
    ),
    Fault(
        "broker killed", "BrokerAway", {"service": LINE},
        lambda world: world.kill("kafka"), _restart_all,
    ),
)  # fmt: skip


def _state(prometheus: Prometheus, fault: Fault) -> str:
    for alert in prometheus.alerts()[fault.alert]["alerts"]:
        if fault.labels.items() <= alert["labels"].items():
            return str(alert["state"])
    return "inactive"


def _well(prometheus: Prometheus) -> bool:
    """Every process is read and says that it is ready, so what fires next is of the next fault."""
    return (
        len(prometheus.ask('up{job="tenlines"} == 1')) == 2
        and len(prometheus.ask("tenlines_ready")) > 2
        and not prometheus.ask("tenlines_ready == 0")
    )


def measure(world: World, prometheus: Prometheus, fault: Fault) -> Told:
    """Strikes, waits for the alert, mends. Raises AssertionError when it does not fire in time."""
    until(lambda: _well(prometheus), SECONDS, f"all is well before: {fault.name}")
    until(
        lambda: _state(prometheus, fault) == "inactive", SECONDS, f"{fault.alert} is quiet before"
    )
    floor = float(prometheus.alerts()[fault.alert]["duration"])
    struck = time.monotonic()
    fault.strike(world)
    pending = None
    while (state := _state(prometheus, fault)) != "firing":
        passed = time.monotonic() - struck
        if state == "pending" and pending is None:
            pending = passed
        assert passed < SECONDS, f"{fault.alert} is {state} {SECONDS} s after: {fault.name}"
        time.sleep(_LOOK)
    firing = time.monotonic() - struck
    fault.mend(world)
    return Told(fault, floor, firing if pending is None else pending, firing)


def _printed(told: list[Told]) -> None:
    print(f"{'fault':20s} {'alert':14s} {'for':>6s} {'pending':>9s} {'firing':>9s}")
    for each in told:
        print(
            f"{each.fault.name:20s} {each.fault.alert:14s} {each.floor:4.0f} s"
            f" {each.pending:7.1f} s {each.firing:7.1f} s"
        )


def main() -> None:
    told: list[Told] = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        world = World(home / "world", namespace=NAMESPACE, only=[LINE, GATEWAY])
        addresses = {name: world.address(name) for name in (LINE, GATEWAY)}
        prometheus = Prometheus(home / "prometheus", addresses)
        try:
            world.start()
            prometheus.start()
            for fault in FAULTS:
                told.append(measure(world, prometheus, fault))
        finally:
            prometheus.stop()
            world.stop()
            _printed(told)


if __name__ == "__main__":
    main()
