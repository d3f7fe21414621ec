"""Changes onto the live stream's topic, each once the read model shows it."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from aiokafka import TopicPartition

from services.gateway.holding import Held, Holding
from services.gateway.live_model import LiveModel
from services.gateway.published import published
from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.producer import Producer
from shared.adapters.mongo.read_model import Known
from shared.contract.envelope import PUBLISHED_CHANGE, encode, headers
from shared.contract.messages import Change
from shared.contract.topics import SharedTopic, shared_topic
from shared.contract.trace import Trace, following, of_record
from shared.domain.moments import Clock
from shared.runtime import metrics, tracing
from shared.runtime.worker.record import Record

log = logging.getLogger(__name__)
PATIENCE = timedelta(seconds=10)
"""A change whose entry never came (its record was unreadable) is told all the same after this."""


class Announcer:
    """Holds changes from the history until their entries, which travel in another topic, are
    applied: whoever hears of version 7 can read version 7."""

    def __init__(self, producer: Producer, namespace: str, model: LiveModel, clock: Clock) -> None:
        self._producer = producer
        self._topic = shared_topic(namespace, SharedTopic.CHANGES)
        self._model = model
        self._clock = clock
        self._held: Holding[tuple[Change, Trace | None]] = Holding()

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, changes: Sequence[tuple[Record, Change]]) -> None:
        now = self._clock.now()
        for record, change in changes:
            home = TopicPartition(record.topic, record.partition)
            self._held.add(home, record.offset, now, (change, of_record(record.headers)))

    async def publish_ready(self) -> None:
        """Returns when the broker has them (acks=all). Raises Unavailable."""
        if not len(self._held):
            return
        known = await self._model.current.known({change.entry for change, _ in self._held.items()})
        now = self._clock.now()

        def ready(held: Held[tuple[Change, Trace | None]]) -> bool:
            change, _ = held.item
            entry = known.get(change.entry)
            shown = entry is not None and entry.version >= change.version
            return shown or now - held.since > PATIENCE

        done = self._held.select(ready)
        spans = [_told(held, now) for held in done]
        with tracing.ending(*spans):
            records = []
            for span, (change, _) in zip(spans, (held.item for held in done), strict=True):
                with following(span.trace):
                    records.append(self._record(change, known.get(change.entry), now))
            await self._producer.send_all(records)
        self._held.release(done)
        for change, _ in (held.item for held in done):
            age = (now - change.at).total_seconds()
            metrics.VISIBLE_AGE.labels(change.line).observe(max(0.0, age))

    def _record(self, change: Change, known: Known | None, now: datetime) -> Outbound:
        id_ = f"{change.entry}:{change.version}"
        return Outbound(
            self._topic,
            change.entry.encode(),
            encode(published(change, known, now)),
            headers(PUBLISHED_CHANGE, "gateway", id_, change.at, change.entry),
        )

    def floor(self, home: TopicPartition) -> int | None:
        return self._held.floor(home)

    def clear(self) -> None:
        self._held.clear()


def _told(held: Held[tuple[Change, Trace | None]], now: datetime) -> tracing.Span:
    """From its coming here to its being shown to all who listen."""
    change, trace = held.item
    return tracing.begin(
        f"visible {change.line}",
        trace,
        "consumer",
        now - held.since,
        line=change.line,
        entry=change.entry,
        version=change.version,
    )
