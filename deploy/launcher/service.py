"""One service process: how it is started, and how it is asked whether it serves."""

from __future__ import annotations

import http.client
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.launcher.child import Child
from deploy.launcher.places import ROOT
from deploy.launcher.ports import HOST
from deploy.launcher.processes import Process

READY_SECONDS = 120.0
_PATIENCE_SECONDS = 2.0


def answers(port: int, path: str = "/readyz") -> bool:
    """Whether the process on `port` says 200 to `path` now."""
    connection = http.client.HTTPConnection(HOST, port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Service:
    """A process of the table, to start, stop, kill and start again."""

    def __init__(self, process: Process, env: Mapping[str, str], log: Path) -> None:
        """`env` is what all services of a world share: addresses, namespace, county."""
        self.process = process
        self.name = process.name
        self.port = process.port
        self.address = process.address
        self._log = log
        self._env = {
            **env,
            "TENLINES_HOST": HOST,
            "TENLINES_PORT": str(process.port),
            "TENLINES_REPLICA": str(process.replica),
        }
        self.child: Child | None = None

    def command(self) -> list[str]:
        """What is run. Unbuffered, so that the log is whole also when the process is killed."""
        return [sys.executable, "-u", "-m", self.process.module]

    def start(self) -> None:
        """Start the process and return at once. Call it from the main thread."""
        self.child = Child(self.name, self.command(), self._log, env=self._env, cwd=ROOT)
        self.child.start()

    def ready(self) -> bool:
        """Whether `/readyz` says 200 now."""
        return answers(self.port)

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return when it is ready. Raises Trouble on the deadline or when it dies."""
        assert self.child is not None, "start() comes first"
        self.child.wait_ready(self.ready, seconds)

    def stop(self) -> None:
        """End it cleanly. Does nothing when it does not run."""
        if self.child is not None:
            self.child.stop()

    def kill(self) -> None:
        """kill -9, for tests of what survives it."""
        if self.child is not None:
            self.child.kill()
