"""Starting and ending aiokafka's producer within a bounded time, whatever the broker does."""

import asyncio
import contextlib
import logging
from typing import Any

from aiokafka import AIOKafkaProducer

log = logging.getLogger(__name__)

_PATIENCE = 3.0


async def close_gently(producer: AIOKafkaProducer) -> None:
    """End a producer whose records have all been confirmed."""
    try:
        async with asyncio.timeout(_PATIENCE):
            await producer.stop()
    except Exception:
        log.debug("producer did not stop in time, dropping it", exc_info=True)
        await drop(producer)


async def drop(producer: AIOKafkaProducer) -> None:
    """End a producer that failed, without waiting for what it still wants to send.

    aiokafka's own `stop()` first flushes, and cancelling it leaves the sender running for ever;
    so the connections go first and the sender after them.
    """
    inner: Any = producer
    inner._closed = True
    for close in (inner.client.close, inner._sender.close):
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_PATIENCE):
                await close()
