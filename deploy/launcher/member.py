"""What engines and services have in common for the one who keeps them running."""

from __future__ import annotations

from typing import Protocol

from deploy.launcher.child import Child


class Member(Protocol):
    """One process of a world: Kafka, MongoDB, or a service."""

    name: str
    port: int
    address: str
    child: Child | None

    def start(self) -> None: ...

    def ready(self) -> bool: ...

    def wait_ready(self) -> None: ...

    def stop(self) -> None: ...

    def kill(self) -> None: ...
