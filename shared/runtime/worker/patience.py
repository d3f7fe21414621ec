"""Waiting for a database or broker that is away, without counting it against the record."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.adapters.kafka.probe import backoff
from shared.application.ports import OutboxFull, Unavailable

log = logging.getLogger(__name__)
T = TypeVar("T")


class Patience:
    """Repeats what could not be done for reasons outside the record."""

    def __init__(self, unavailable_seconds: float) -> None:
        """How long Unavailable may last before it is passed on, so that the process starts anew."""
        self._seconds = unavailable_seconds
        self._waiting = 0

    @property
    def waiting(self) -> bool:
        """Whether something is being waited for now: no progress is expected then."""
        return self._waiting > 0

    async def until_done(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """The result of the first attempt that ends. OutboxFull is waited out for ever."""
        try:
            return await attempt()
        except (OutboxFull, Unavailable) as error:
            trouble: OutboxFull | Unavailable = error
        self._waiting += 1
        try:
            since = time.monotonic()
            for pause in backoff(0.1, 5.0):
                if isinstance(trouble, OutboxFull):
                    since = time.monotonic()
                elif time.monotonic() - since > self._seconds:
                    raise trouble
                log.warning("pausing the stream %.1f s: %s", pause, trouble)
                await asyncio.sleep(pause)
                try:
                    return await attempt()
                except (OutboxFull, Unavailable) as error:
                    trouble = error
        finally:
            self._waiting -= 1
        raise AssertionError("unreachable")
