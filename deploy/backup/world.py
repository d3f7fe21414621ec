"""What every backup and restore works with: the addresses, the county, and somebody to tell."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import click

from deploy.launcher.usual import connected, settings
from shared.adapters.mongo.client import Client, Database
from shared.adapters.pack import load_pack
from shared.contract.topics import LineTopic as Kind
from shared.contract.topics import Topic, line_topic, line_topics
from shared.declaration.county.county import County
from shared.domain.moments import Clock
from shared.runtime.clock import clock_for

_TOLD_EVERY = 2.0


@dataclass(frozen=True)
class Office:
    """One namespace of one county, as the settings say."""

    kafka: str
    namespace: str
    client: Client
    county: County
    clock: Clock
    say: Callable[[str], None]

    def database(self, part: str) -> Database:
        return self.client[f"{self.namespace}_{part}"]

    def group(self, part: str) -> str:
        """The consumer group of a line, or of the gateway's projector."""
        return f"{self.namespace}.{part}"

    def topic(self, line: str, kind: Kind) -> str:
        return line_topic(self.namespace, line, kind)

    def topics(self, line: str, *kinds: Kind) -> list[Topic]:
        names = [self.topic(line, kind) for kind in kinds]
        return [topic for topic in line_topics(self.namespace, line) if topic.name in names]

    def counting(self, what: str) -> Callable[[int], None]:
        """Tells now and then how far a count is."""
        told = time.monotonic()

        def tell(count: int) -> None:
            nonlocal told
            if time.monotonic() - told > _TOLD_EVERY:
                told = time.monotonic()
                self.say(f"  {what}: {count} …")

        return tell


@asynccontextmanager
async def office() -> AsyncIterator[Office]:
    """The office that the settings name. Raises Trouble and PackError."""
    ours = settings()
    county = load_pack(ours.county)
    client = connected(ours)
    try:
        clock = clock_for(ours.test_clock)
        yield Office(ours.kafka, ours.namespace, client, county, clock, click.echo)
    finally:
        client.close()
