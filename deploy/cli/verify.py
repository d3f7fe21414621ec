"""Compare every line's ledgers with the gateway's read model; exit 1 on any difference."""

from __future__ import annotations

import asyncio
import time

import click

from deploy.launcher.trouble import Trouble
from deploy.launcher.usual import connected, settings
from shared.adapters.mongo.comparing import Comparison, compare
from shared.application.ports import Unavailable
from shared.runtime.clock import clock_for

_LOOK_AGAIN = 0.5


@click.command()
@click.option(
    "--wait", "seconds", type=float, default=0.0, help="Wait so long for the two to become equal."
)
def verify(seconds: float) -> None:
    """Compare every line's ledgers with the read model, entry by entry, version by version.

    Differences are printed; with any the exit status is 1. Gaps in problem numbers are printed as
    information: a crash between drawing a number and writing the problem leaves one.
    """
    try:
        found = asyncio.run(_until_equal(seconds))
    except Unavailable as error:
        raise Trouble(f"MongoDB does not answer: {error}") from None
    for difference in found.told:
        click.echo(difference)
    if found.differences > len(found.told):
        click.echo(f"… and {found.differences - len(found.told)} more")
    for gap in found.gaps:
        click.echo(f"number gap (no difference): {gap}")
    click.echo(
        f"{len(found.lines)} ledgers, {found.entries} entries, {found.changes} changes: "
        + (f"{found.differences} differences" if found.differences else "equal")
    )
    if found.differences:
        raise SystemExit(1)


async def _until_equal(seconds: float) -> Comparison:
    ours = settings()
    deadline = time.monotonic() + seconds
    client = connected(ours)
    try:
        while True:
            found = await compare(client, ours.namespace, clock_for(ours.test_clock))
            if not found.differences or time.monotonic() >= deadline:
                return found
            await asyncio.sleep(_LOOK_AGAIN)
    finally:
        client.close()
