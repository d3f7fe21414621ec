"""Whether the broker answers, asked again and again over a connection of its own.

A consumer whose broker is gone looks well: it is a member of its group, it lags behind nothing that it
knows of, and it waits for records. So somebody has to ask.
"""

import asyncio
import logging

from shared.adapters.kafka.probe import existing_topics
from shared.application.ports import Unavailable

log = logging.getLogger(__name__)
EVERY = 10.0


class BrokerWatch:
    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self.trouble: str | None = "还没有问过 not asked yet"
        """Why it is away, for people; None while it answers."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await existing_topics(self._bootstrap)
                if self.trouble is not None:
                    log.info("the broker answers")
                self.trouble = None
            except Unavailable as error:
                if self.trouble is None:
                    log.warning("the broker is away: %s", error)
                self.trouble = (
                    f"Kafka 不可达,网络上的命令照办,变更待发布 the broker is away: {error}"
                )
            await asyncio.sleep(EVERY)

    async def check(self) -> str | None:
        """For /readyz."""
        return self.trouble
