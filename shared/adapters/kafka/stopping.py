"""Ending a consumer, whatever its broker does."""

import asyncio

from aiokafka import AIOKafkaConsumer

SECONDS = 5.0


async def stop_gently(consumer: AIOKafkaConsumer) -> None:
    """Stop it without hanging on a broker that is away."""
    closing = asyncio.ensure_future(consumer.stop())
    await asyncio.wait({closing}, timeout=SECONDS)
    if not closing.done():
        closing.cancel()
    elif not closing.cancelled():
        # Its end is all we want. A consumer whose broker went away even ends as cancelled: taken
        # for our own cancelling, that would end the process.
        closing.exception()
