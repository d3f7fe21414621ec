"""Is the broker there, and does it have our topics? Asked over a connection of its own."""

import asyncio
import logging
from collections.abc import Collection, Iterator

from aiokafka.admin import AIOKafkaAdminClient

from shared.adapters.kafka.errors import translated
from shared.application.ports import Unavailable

log = logging.getLogger(__name__)


async def existing_topics(bootstrap: str, seconds: float = 5.0) -> set[str]:
    """Names of all topics that the broker has. Raises Unavailable."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=int(seconds * 1000))
    try:
        async with translated("list topics", seconds):
            await admin.start()
            return set(await admin.list_topics())
    finally:
        await admin.close()


async def wait_for_topics(bootstrap: str, topics: Collection[str]) -> None:
    """Return when the broker answers and has all `topics`; waits for ever, and says for what."""
    for pause in backoff():
        try:
            missing = set(topics) - await existing_topics(bootstrap)
        except Unavailable as error:
            log.warning("waiting for Kafka at %s: %s", bootstrap, error)
        else:
            if not missing:
                return
            log.warning(
                "waiting for topics that deployment has not created yet: %s",
                ", ".join(sorted(missing)),
            )
        await asyncio.sleep(pause)


def backoff(first: float = 0.2, most: float = 5.0) -> Iterator[float]:
    """Seconds to pause, doubling from `first` up to `most`, without end."""
    pause = first
    while True:
        yield pause
        pause = min(pause * 2, most)
