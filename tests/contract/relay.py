"""What the relay does with an outbox, without the broker in between."""

from shared.application.ports import Outbox, Waiting


async def relay_once(outbox: Outbox, limit: int = 500) -> list[Waiting]:
    """File, then clear; the items that went out."""
    items = await outbox.waiting(limit)
    await outbox.file(items)
    await outbox.clear(items)
    return items


async def relay_all(outbox: Outbox) -> list[Waiting]:
    gone: list[Waiting] = []
    while items := await relay_once(outbox):
        gone.extend(items)
    return gone
