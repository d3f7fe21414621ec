"""A restore works on what stands still: is the line down, and the gateway?"""

from __future__ import annotations

import asyncio
import time

from deploy.backup.broker import wait_until_left
from deploy.backup.world import Office
from deploy.launcher.trouble import Trouble
from shared.adapters.mongo.leases import MongoLeases
from shared.contract.topics import GATEWAY
from shared.runtime.relay import LEASE_SECONDS

_LEASE, _LINE, _GATEWAY = LEASE_SECONDS + 2, 25.0, 15.0
"""Seconds after which a process that ended is missed: more than its lease, and than its session."""
_PROBE = "restore"


async def check_stopped(office: Office, line: str) -> None:
    """Raises Trouble when a process of `line` still runs, and Unavailable."""
    # Whether the broker answers it or not, a line that lives keeps its relay's lease.
    leases = MongoLeases(office.database(line), office.clock)
    deadline = time.monotonic() + _LEASE
    while not await leases.acquire("relay", _PROBE, 1):
        if time.monotonic() > deadline:
            raise _runs(line)
        await asyncio.sleep(0.5)
    await leases.release("relay", _PROBE)
    if not await wait_until_left(office.kafka, office.group(line), _LINE):
        raise _runs(line)


async def check_gateway_stopped(office: Office) -> None:
    """Raises Trouble when a gateway still runs, and Unavailable."""
    for group in gateway_groups(office):
        if not await wait_until_left(office.kafka, group, _GATEWAY):
            raise _runs(GATEWAY)


def gateway_groups(office: Office) -> tuple[str, str]:
    """The projector's group, and the notifier's."""
    projector = office.group(GATEWAY)
    return projector, f"{projector}.notifier"


def _runs(part: str) -> Trouble:
    return Trouble(
        f"{part} still runs. Stop it first (`docker compose stop {part}`, or leave it out of "
        "`make up ONLY=…`), with all its replicas; nothing was touched."
    )
