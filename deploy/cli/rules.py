"""`tenlines rules …`: what a line's rules remember, for operators."""

from __future__ import annotations

import asyncio

import click

from deploy.launcher.trouble import Trouble
from deploy.launcher.usual import settings
from shared.adapters.mongo.client import connect
from shared.adapters.mongo.memories import MongoMemories
from shared.adapters.mongo.meta import MongoMeta
from shared.application.ports import Unavailable
from shared.declaration.county.keys import LINE_KEYS
from shared.runtime.worker.same_topics import forget_positions as forget


@click.group()
def rules() -> None:
    """规则的记忆 / what a line's rules remember."""


@rules.command("forget-positions")
@click.argument("line", type=click.Choice(LINE_KEYS))
def forget_positions(line: str) -> None:
    """Let LINE's rules go on after its Kafka topics were made anew. Stop the line first."""
    try:
        count = asyncio.run(_forget(line))
    except Unavailable as error:
        raise Trouble(f"MongoDB does not answer, nothing was changed: {error}") from None
    click.echo(f"{line}: {count} states let go of their positions")


async def _forget(line: str) -> int:
    ours = settings()
    client = connect(ours.mongo)
    try:
        db = client[ours.database(line)]
        return await forget(MongoMemories(db), MongoMeta(db))
    finally:
        client.close()
