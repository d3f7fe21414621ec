"""Dead letters: records that could not be handled, kept as they were, with why and where from.

A dead letter is the original record (key, value, headers untouched) plus `dead-letter-…` headers,
so a replay is the same bytes again on the topic that they came from.
"""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.adapters.kafka.errors import Rejected, translated
from shared.adapters.kafka.producer import Producer
from shared.adapters.kafka.stopping import stop_gently
from shared.contract.envelope import Headers
from shared.domain.moments import Clock
from shared.runtime import metrics
from shared.runtime.worker.record import Record

_MARK = "dead-letter-"
_REASON_MOST = 1500
REPLAYED_FROM = "replayed-from"
_WAIT = 15.0


@dataclass(frozen=True)
class DeadLetter:
    """One dead letter; `partition` and `offset` name it, `topic` and `origin` where it came from."""

    partition: int
    offset: int
    reason: str
    tries: int
    at: datetime
    """When it was given up, UTC."""
    topic: str
    origin: tuple[int, int]
    """Partition and offset of the original record."""
    key: bytes | None
    value: bytes | None
    headers: Headers
    """The original's own headers."""
    cut: bool = False
    """The value was too large to be kept here; it stands in its topic as long as that keeps it."""

    @property
    def name(self) -> str:
        return f"{self.partition}:{self.offset}"


class DeadLetterWriter:
    """Buries records in one line's dead-letter topic."""

    def __init__(self, producer: Producer, topic: str, clock: Clock) -> None:
        self._producer = producer
        self._topic = topic
        self._clock = clock
        self.buried = 0
        """Since the start, for the metrics."""
        # From the start at zero: the first letter must be seen to rise.
        self._counted = metrics.DEAD_LETTERS.labels(topic.split(".")[-2])

    async def bury(self, record: Record, reason: str, tries: int) -> None:
        """Returns when the broker has the letter (acks=all). Raises Unavailable."""
        facts = {
            "reason": reason[:_REASON_MOST],
            "tries": str(tries),
            "at": self._clock.now().isoformat(),
            "topic": record.topic,
            "partition": str(record.partition),
            "offset": str(record.offset),
        }
        if record.value is None:
            facts["null"] = "value"
        value = record.value or b""
        try:
            await self._producer.send(self._topic, record.key, value, _marked(record, facts))
        except Rejected:
            # Its own bytes fill what a record may hold, so the reason does not fit beside them.
            facts["cut"] = "value"
            await self._producer.send(self._topic, record.key, b"", _marked(record, facts))
        self.buried += 1
        self._counted.inc()


def _marked(record: Record, facts: dict[str, str]) -> Headers:
    own = [pair for pair in record.headers if not pair[0].startswith(_MARK)]
    return [*own, *((_MARK + name, text.encode()) for name, text in facts.items())]


def letter_of(
    partition: int, offset: int, key: bytes | None, value: bytes, pairs: Headers
) -> DeadLetter:
    """A dead letter from its record; what somebody else put into the topic reads as unknown."""
    facts = {
        name.removeprefix(_MARK): raw.decode(errors="replace")
        for name, raw in pairs
        if name.startswith(_MARK)
    }
    return DeadLetter(
        partition=partition,
        offset=offset,
        reason=facts.get("reason", "unknown"),
        tries=int(facts.get("tries", "0")),
        at=datetime.fromisoformat(facts.get("at", "1970-01-01T00:00:00+00:00")).astimezone(UTC),
        topic=facts.get("topic", ""),
        origin=(int(facts.get("partition", "-1")), int(facts.get("offset", "-1"))),
        key=key,
        value=None if facts.get("null") else value,
        headers=[pair for pair in pairs if not pair[0].startswith(_MARK)],
        cut="cut" in facts,
    )


async def read_dead_letters(bootstrap: str, topic: str) -> AsyncIterator[DeadLetter]:
    """All dead letters that stood in the topic when the reading began.

    Raises Unavailable, and LookupError where the broker has no such topic.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        async with translated(f"read {topic}", _WAIT):
            await consumer.start()
            if topic not in await consumer.topics():
                raise LookupError(f"the broker has no topic {topic}")
            home = TopicPartition(topic, 0)  # dead letters lie in one partition
            consumer.assign([home])
            end = (await consumer.end_offsets([home]))[home]
            await consumer.seek_to_beginning(home)
        while True:
            async with translated(f"read {topic}", _WAIT):
                if await consumer.position(home) >= end:
                    return
                found = await consumer.getmany(home, timeout_ms=1000)
            for record in found.get(home, ()):
                if record.offset < end:
                    yield letter_of(
                        record.partition,
                        record.offset,
                        record.key,
                        record.value or b"",
                        list(record.headers),
                    )
    finally:
        # A reader that is left early must not hang on a broker that is away.
        await stop_gently(consumer)


async def replay(
    producer: Producer, source: str, letter: DeadLetter, known: Collection[str]
) -> str:
    """Send the original again, and say where to. Raises Unavailable or ValueError (cannot be).

    At least once: a replay that was not confirmed may have been written, and a second replay sends
    again. Commands take effect once however often they arrive. `known` are the topics that a
    replay may go to.
    """
    if letter.topic not in known:
        raise ValueError(f"{letter.name} came from {letter.topic!r}, which this line does not read")
    if letter.cut:
        raise ValueError(
            f"{letter.name} was too large to be kept whole; its original stands in {letter.topic} "
            f"partition {letter.origin[0]} offset {letter.origin[1]}"
        )
    mark = (REPLAYED_FROM, f"{source}:{letter.name}".encode())
    own = [pair for pair in letter.headers if pair[0] != REPLAYED_FROM]
    await producer.send(letter.topic, letter.key, letter.value, [*own, mark])
    return letter.topic
