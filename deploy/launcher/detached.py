"""A supervisor in the background: started, waited for, and ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from deploy.launcher.lock import Lock
from deploy.launcher.places import ROOT, Places
from deploy.launcher.state import Report, Row
from deploy.launcher.trouble import Trouble

ENGINES = "engines"
"""In a list of services: the engines, which run anyway; so a list is never empty."""
_END_SECONDS = 60.0
_LOG = "supervisor"


def start(
    places: Places,
    only: Collection[str] | None,
    replicas: Mapping[str, int],
    progress: Callable[[list[Row]], None],
) -> list[Row]:
    """Start `tenlines up` in the background and return its processes when all are ready.

    It runs on when we end. Raises Trouble with its reason when it gives up.
    """
    command = [sys.executable, "-m", "deploy.cli", "up"]
    command += ["--only", ",".join([ENGINES, *only])] if only is not None else []
    for name, count in replicas.items():
        command += ["--replicas", f"{name}={count}"]
    places.state.unlink(missing_ok=True)
    process = _spawn(command, places.log(_LOG))
    while True:
        # First whether it ended, then what it said: its last report is complete by then.
        ended = process.poll() is not None
        report = Report.read(places.state)
        if ended:
            reason = report.trouble if report else ""
            raise Trouble(reason or f"The supervisor ended; its log: {places.log(_LOG)}")
        if report:
            progress(report.processes)
            if report.phase == "ready":
                return report.processes
        time.sleep(0.1)


def stop(places: Places) -> bool:
    """End the supervisor of this folder and all it runs; False when none runs.

    After a minute it is not asked any more: its processes die with it.
    """
    lock = Lock(places.lock)
    supervisor = lock.holder()
    if not supervisor:
        return False
    _send(supervisor, signal.SIGTERM)
    deadline = time.monotonic() + _END_SECONDS
    while lock.holder() == supervisor:
        if time.monotonic() > deadline:
            _send(supervisor, signal.SIGKILL)
            deadline = float("inf")
        time.sleep(0.05)
    return True


def _spawn(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
