"""The world that `make up` runs: the contract's ports, moved by the settings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from pydantic import ValidationError

from deploy.launcher import processes
from deploy.launcher.counts import problem_counts
from deploy.launcher.places import Places
from deploy.launcher.ports import HOST
from deploy.launcher.settings import LauncherSettings
from deploy.launcher.state import Row
from deploy.launcher.trouble import Trouble
from deploy.launcher.world import World
from shared.adapters.mongo.client import Client, WrongAddress, connect
from shared.runtime.settings import NoSecret, Settings


def settings() -> LauncherSettings:
    """The launcher's settings from the environment. Raises Trouble that names the wrong one."""
    try:
        return LauncherSettings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = "TENLINES_" + "_".join(str(part) for part in first["loc"]).upper()
        said = "" if name == "TENLINES_MONGO" else f"={first['input']!r}"
        raise Trouble(f"The setting {name}{said} is wrong: {first['msg']}.") from None


def connected(ours: Settings) -> Client:
    """A client of the MongoDB that the settings name. Raises Trouble for a wrong setting."""
    try:
        return connect(ours.mongo, ours.mongo_password())
    except (NoSecret, WrongAddress) as error:
        raise Trouble(f"{error}.") from None


def usual_world(
    places: Places,
    only: Collection[str] | None,
    replicas: Mapping[str, int],
    say: Callable[[str], None],
) -> World:
    """The world in `places`. Raises Trouble for a wrong setting."""
    ours = settings()
    kafka, mongo = ours.kafka_port(), ours.mongo_port()
    ports = processes.usual_ports(processes.names(only, replicas), ours.moved_ports())
    if kafka is not None:
        ports["kafka"] = kafka
        ports["kafka-controller"] = ours.moved_ports().get("kafka-controller", kafka + 1)
    if mongo is not None:
        ports["mongo"] = mongo
    return World(
        places.home,
        namespace=ours.namespace,
        ports=ports,
        only=only,
        replicas=replicas,
        kafka=None if kafka is not None else ours.kafka,
        mongo=None if mongo is not None else ours.mongo,
        heap=ours.kafka_heap,
        say=say,
    )


def counts_of(report: Sequence[Row]) -> dict[str, str]:
    """The counts to show beside the rows of a report, when a gateway is among them."""
    gateway = next((row for row in report if row.process == processes.GATEWAY), None)
    return problem_counts(HOST, gateway.port) if gateway else {}
