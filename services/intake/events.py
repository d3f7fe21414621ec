"""What was read, as CloudEvents: printed as JSON lines, or sent into a line's signal topic."""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.producer import Producer
from shared.contract import envelope
from shared.contract.topics import LineTopic, line_topic
from shared.declaration.signal import signal_type
from shared.domain.identity import derived

BATCH = 500
"""Records that wait together for the broker: what is in memory at most."""


@dataclass(frozen=True)
class Event:
    """One signal on its way to `line`. `source` is the device, by which records are keyed."""

    line: str
    signal: str
    source: str
    observed_at: datetime
    data: dict[str, Any]
    apart: str = ""
    """Tells apart what one device saw at one moment: a satellite sees many fires at once."""

    @property
    def type(self) -> str:
        return signal_type(self.line, self.signal)

    @property
    def id(self) -> str:
        """Derived, so that a file that is read twice gives copies and no second signals."""
        return derived("signal", self.type, self.source, self.observed_at.isoformat(), self.apart)

    def as_json(self) -> bytes:
        """The structured form of CloudEvents, one line."""
        return orjson.dumps(
            {
                "specversion": "1.0",
                "type": self.type,
                "source": self.source,
                "id": self.id,
                "time": self.observed_at,
                "subject": self.source,
                "datacontenttype": "application/json",
                "data": self.data,
            }
        )

    def as_record(self, namespace: str) -> Outbound:
        return Outbound(
            line_topic(namespace, self.line, LineTopic.SIGNALS),
            self.source.encode(),
            envelope.encode(self.data),
            envelope.headers(self.type, self.source, self.id, self.observed_at, self.source),
        )


async def send(
    events: Iterable[Event], producer: Producer, namespace: str
) -> AsyncGenerator[int, None]:
    """Send all in batches; after each, how many the broker has confirmed so far.

    Raises Unavailable: what was confirmed stays, and all may be sent again.
    """
    batch: list[Outbound] = []
    sent = 0
    for event in events:
        batch.append(event.as_record(namespace))
        if len(batch) == BATCH:
            await producer.send_all(batch)
            sent += len(batch)
            batch = []
            yield sent
    if batch:
        await producer.send_all(batch)
        yield sent + len(batch)
