"""A restore works on what stands still: is the line down, and the gateway?"""

from __future__ import annotations

import asyncio
import time

from deploy.backup.broker import wait_until_left
from deploy.backup.world import Office
from deploy.launcher.trouble import Trouble
from shared.adapters.mongo.leases import MongoLeases
from shared.contract.topics import GATEWAY

_PATIENCE = 35.0
"""More than the session of a line's worker (20 s): so long a process that was killed is missed."""
_PROBE = "restore"


async def check_stopped(office: Office, line: str) -> None:
    """Raises Trouble when a process of `line` still runs, and Unavailable."""
    if not await wait_until_left(office.kafka, office.group(line), _PATIENCE):
        raise _runs(line)
    # While the broker is away from a process it is in no group, but it keeps its relay's lease.
    leases = MongoLeases(office.database(line), office.clock)
    deadline = time.monotonic() + _PATIENCE
    while not await leases.acquire("relay", _PROBE, 1):
        if time.monotonic() > deadline:
            raise _runs(line)
        await asyncio.sleep(0.5)
    await leases.release("relay", _PROBE)


async def check_gateway_stopped(office: Office) -> None:
    """Raises Trouble when a gateway still runs, and Unavailable."""
    for group in gateway_groups(office):
        if not await wait_until_left(office.kafka, group, _PATIENCE):
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
