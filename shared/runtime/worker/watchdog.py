"""Sees a stream that stands still while records wait: Faust can look alive and do nothing."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared.adapters.kafka.probe import existing_topics
from shared.application.ports import Unavailable

log = logging.getLogger(__name__)


_LOOK = 10.0  # a question waits its turn behind a fetch, and the broker holds that for 1.5 s


class Stalled(Exception):
    """Records wait and nothing moves: the process has to start anew."""


@dataclass
class Lag:
    """What the last look saw, for metrics and readiness."""

    behind: int = 0
    """Records in the broker after what this replica has fetched."""
    in_hand: int = 0
    """Fetched and not yet acknowledged."""
    partitions: int = 0


class Watchdog:
    """Looks at the consumer every few seconds; raises Stalled when nothing moved for too long."""

    def __init__(
        self, app: Any, bootstrap: str, seconds: float, excused: Callable[[], bool]
    ) -> None:
        """`excused` tells whether the stream is paused on purpose."""
        self._app = app
        self._bootstrap = bootstrap
        self._seconds = seconds
        self._excused = excused
        self.lag = Lag()
        self.last_progress = time.monotonic()

    async def run(self) -> None:
        """Until cancelled. Raises Stalled."""
        every = min(5.0, self._seconds / 4)
        seen: object = None
        while True:
            await asyncio.sleep(every)
            state, waiting = await self._look()
            if state != seen or not waiting or self._excused():
                seen = state
                self.last_progress = time.monotonic()
            elif time.monotonic() - self.last_progress > self._seconds:
                raise Stalled(
                    f"{self.lag.behind} records wait and {self.lag.in_hand} are in hand, "
                    f"but nothing moved for {self._seconds:g} s"
                )

    async def _look(self) -> tuple[object, bool]:
        """(something that changes with every progress, whether something is to be done)."""
        consumer = self._app.consumer
        try:
            async with asyncio.timeout(_LOOK):
                homes = consumer.assignment()
                ends = await consumer.highwaters(*homes) if homes else {}
                at = {home: await consumer.position(home) or 0 for home in homes}
        except Exception as error:
            log.debug("cannot look at the consumer: %s", error)
            # No progress can be asked of us while the broker is away.
            return "unknown", await self._broker_is_there()
        self.lag = Lag(
            behind=sum(max(0, ends[home] - at[home]) for home in homes),
            in_hand=consumer.in_hand,
            partitions=len(homes),
        )
        waiting = bool(self.lag.behind or self.lag.in_hand or self._app.rebalancing)
        return (at, consumer.acknowledged, self._app.rebalancing_count), waiting

    async def _broker_is_there(self) -> bool:
        try:
            await existing_topics(self._bootstrap)
        except Unavailable:
            return False
        return True
