"""How a world is now: the supervisor's word, checked by asking each process itself."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import psutil

from deploy.launcher import kafka_probe, service
from deploy.launcher.keeper import State
from deploy.launcher.lock import Lock
from deploy.launcher.places import Places
from deploy.launcher.ports import is_open
from deploy.launcher.state import Report, Row

UNREADY = "unready"
"""It was ready, it lives, but just now it says (or shows) that it cannot work."""


def look(places: Places) -> list[Row]:
    """The processes that the supervisor of this folder keeps; none when there is no supervisor."""
    report = Report.read(places.state)
    if report is None or Lock(places.lock).holder() is None:
        return []
    with ThreadPoolExecutor(len(report.processes) or 1) as pool:
        return list(pool.map(_checked, report.processes))


def _checked(row: Row) -> Row:
    if row.state != State.READY:
        return row
    if row.pid is None or not psutil.pid_exists(row.pid):
        return dataclasses.replace(row, state=str(State.DOWN))
    probes = {"kafka": kafka_probe.serves, "mongo": is_open}
    probe = probes.get(row.process, service.answers)
    return row if probe(row.port) else dataclasses.replace(row, state=UNREADY)
