"""Looks at slow things for the metrics: beside the scrapes, never by them, and never too often.

A scrape must not wait for a database, and ten scrapes must not ask it ten times. What a look found
stands until the next one; while the world is away the last one stands.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from shared.application.ports import Unavailable

log = logging.getLogger(__name__)
Look = Callable[[], Awaitable[None]]
"""Sets some of the catalogue's metrics. Raises Unavailable."""
EVERY_SECONDS = 10.0
"""How old what is shown may be, and how long a look may take."""
FIRST_SECONDS = 3.0
"""How long the first scrape waits: it shall not find nothing."""


class Looks:
    """The looks of one process, side by side, each by itself: one that fails stops no other."""

    def __init__(self, looks: Mapping[str, Look]) -> None:
        self._looks = looks
        self._taken = float("-inf")
        self._looking: asyncio.Task[None] | None = None

    async def refresh(self) -> None:
        """Begin anew where it is time; returns at once, but for the first call."""
        now, first = asyncio.get_running_loop().time(), self._looking is None
        if self._looking is None or (self._looking.done() and now - self._taken > EVERY_SECONDS):
            self._taken = now
            self._looking = asyncio.create_task(self._look(), name="looks")
        if first:
            await asyncio.wait({self._looking}, timeout=FIRST_SECONDS)

    async def _look(self) -> None:
        await asyncio.gather(*(_guarded(name, look) for name, look in self._looks.items()))


async def _guarded(name: str, look: Look) -> None:
    try:
        async with asyncio.timeout(EVERY_SECONDS):
            await look()
    except (Unavailable, TimeoutError) as error:
        log.warning(
            "could not look at %s for the metrics: %s", name, str(error) or "it took too long"
        )
    except Exception:
        log.exception("looking at %s for the metrics crashed", name)
