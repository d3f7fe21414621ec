"""Build the gateway's read model anew from the topics, while it serves."""

from __future__ import annotations

import asyncio

import click

from deploy.launcher.trouble import Trouble
from deploy.launcher.usual import connected, settings
from services.gateway.rebuild import Rebuild, RebuildRefused, Rebuilt
from shared.adapters.pack import PackError, load_pack
from shared.application.ports import Unavailable
from shared.contract.topics import GATEWAY
from shared.runtime.clock import clock_for


@click.group()
def gateway() -> None:
    """The gateway's read model."""


@gateway.command()
def rebuild() -> None:
    """Fill a new generation from the first offset, then switch readers to it."""
    try:
        done = asyncio.run(_rebuild())
    except RebuildRefused as refused:
        raise Trouble(str(refused)) from None
    except PackError as error:
        raise Trouble(f"The county pack cannot be read: {error}") from None
    except Unavailable as error:
        raise Trouble(
            f"Kafka or MongoDB does not answer; what was live still is. {error}"
        ) from None
    rate = done.records / max(done.seconds, 0.001)
    click.echo(
        f"generation {done.generation}: {done.records} records in {done.seconds:.1f} s "
        f"({rate:.0f}/s), {done.unreadable} unreadable"
    )


async def _rebuild() -> Rebuilt:
    ours = settings()
    clock = clock_for(ours.test_clock)
    client = connected(ours)
    try:
        db = client[ours.database(GATEWAY)]
        county = load_pack(ours.county)
        return await Rebuild(ours.kafka, ours.namespace, db, county, clock, click.echo).run()
    finally:
        client.close()
