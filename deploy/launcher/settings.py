"""The launcher's settings: those of the services, and what only a launcher has to know."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from deploy.launcher.ports import HOST
from shared.runtime.settings import Settings

_LOOPBACK = {HOST, "localhost"}


class LauncherSettings(Settings):
    """From the environment (`TENLINES_…`), for `tenlines up` and its sisters."""

    engines: Literal["managed", "external"] = "managed"
    """`external`: start no Kafka and no MongoDB, not even on a loopback address."""
    ports: str = Field(default="", pattern=r"^\s*([a-z0-9-]+=\d{1,5}\s*(,\s*|$))*$")
    """Ports other than the usual ones, by process: `gateway=9000,dust=9101`."""
    kafka_heap: str = Field(default="512m", pattern=r"^\d+[mg]$")
    """The most memory the local broker's Java heap may take."""

    def moved_ports(self) -> dict[str, int]:
        """`ports`, read."""
        pairs = (pair.split("=") for pair in self.ports.replace(" ", "").split(",") if pair)
        return {name: int(port) for name, port in pairs}

    def kafka_port(self) -> int | None:
        """The port our own broker is to listen on; None when the broker is somebody else's."""
        return self._ours(f"//{self.kafka}")

    def mongo_port(self) -> int | None:
        """The port our own MongoDB is to listen on; None when it is somebody else's."""
        return self._ours(self.mongo)

    def _ours(self, url: str) -> int | None:
        """An address on this machine is ours to serve, any other is not."""
        if self.engines == "external" or "," in url:
            return None
        parts = urlsplit(url)
        return parts.port if parts.hostname in _LOOPBACK else None
