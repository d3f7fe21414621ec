"""The table of service processes, as data: what `make up` starts, and where each one listens."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from shared.declaration.county.keys import DESK_KEY, LINE_KEYS

GATEWAY = "gateway"
SERVICES: tuple[str, ...] = (GATEWAY, *LINE_KEYS, DESK_KEY)
"""In the order in which they start and are listed: first the address people open."""

DEFAULT_PORTS: Mapping[str, int] = {
    GATEWAY: 8000,
    **{key: 8101 + place for place, key in enumerate((*LINE_KEYS, DESK_KEY))},
}
FIRST_REPLICA_PORT = 8201


@dataclass(frozen=True)
class Process:
    """One service process. `name` is the service's, with `-1`, `-2`… for further replicas."""

    name: str
    service: str
    replica: int
    port: int

    @property
    def module(self) -> str:
        """What Python runs: `python -m services.dust`."""
        return f"services.{self.service}"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def names(
    only: Collection[str] | None = None, replicas: Mapping[str, int] | None = None
) -> list[tuple[str, str, int]]:
    """(name, service, replica) of what is to run: all services, or `only` some of them.

    `replicas` gives the number of processes of a service where it is not one.
    Raises ValueError for a service that does not exist or a number below one.
    """
    replicas = replicas or {}
    for key in {*(only or ()), *replicas}:
        if key not in SERVICES:
            raise ValueError(f"there is no service `{key}`; there are: {', '.join(SERVICES)}")
    if any(count < 1 for count in replicas.values()):
        raise ValueError("a service has at least one replica")
    return [
        (service if replica == 0 else f"{service}-{replica}", service, replica)
        for service in SERVICES
        if only is None or service in only
        for replica in range(replicas.get(service, 1))
    ]


def usual_ports(wanted: list[tuple[str, str, int]], moved: Mapping[str, int]) -> dict[str, int]:
    """The port of each name: the contract's, then 8201 and up for replicas, unless `moved`."""
    further = [name for name, _, replica in wanted if replica > 0]
    usual = {
        **DEFAULT_PORTS,
        **{name: FIRST_REPLICA_PORT + place for place, name in enumerate(further)},
    }
    return {name: moved.get(name, usual[name]) for name, _, _ in wanted}


def table(wanted: list[tuple[str, str, int]], ports: Mapping[str, int]) -> list[Process]:
    """The processes of `wanted`, each on its port."""
    return [Process(name, service, replica, ports[name]) for name, service, replica in wanted]
