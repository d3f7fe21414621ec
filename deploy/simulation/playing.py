"""A simulated county on its way into a world: paced, and with that world's clock turned along."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

import orjson

from deploy.simulation.event import Simulated
from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.producer import Producer
from shared.contract.envelope import headers
from shared.contract.topics import LineTopic, line_topic
from shared.declaration.signal import signal_type

STEP = timedelta(minutes=1)
"""Sent at a time; the clock follows each. Lines refuse what is further ahead of their clock."""


class WorldClock:
    """The file that TENLINES_TEST_CLOCK names, which every process of the world reads."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def reach(self, moment: datetime) -> None:
        """Let it be `moment` now. Written whole, so that nobody reads half a number."""
        offset = (moment - datetime.now(UTC)).total_seconds()
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{offset:.3f}\n")
        fresh.replace(self._file)


def as_record(namespace: str, event: Simulated) -> Outbound:
    device, data = event.device, event.data
    type_ = signal_type(event.line, event.signal)
    return Outbound(
        line_topic(namespace, event.line, LineTopic.SIGNALS),
        device.encode(),
        orjson.dumps(data),
        headers(type_, device, event.id, data["observed_at"], device),
    )


async def play(
    events: Iterable[Simulated],
    producer: Producer,
    namespace: str,
    clock: WorldClock,
    speed: float,
) -> AsyncIterator[tuple[datetime, int]]:
    """Send `events` as they arrive, `speed` times as fast as life (0: without waiting). After each
    step: what time it is there, and how many the broker has confirmed. Raises Unavailable."""
    begun, first, sent = time.monotonic(), None, 0
    for step, batch in groupby(events, key=_step_of):
        first = first or step
        if speed:
            ahead = (step - first).total_seconds() / speed - (time.monotonic() - begun)
            if ahead > 0:
                await asyncio.sleep(ahead)
        records = [as_record(namespace, event) for event in batch]
        await producer.send_all(records)
        sent += len(records)
        # After the sending: who hears that it is later must be able to have heard what came before.
        clock.reach(step)
        yield step, sent


def _step_of(event: Simulated) -> datetime:
    """The end of the step in which it arrives."""
    since = timedelta(seconds=event.at.timestamp() % STEP.total_seconds())
    return event.at - since + STEP
