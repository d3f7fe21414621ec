"""What a packet became, into Kafka: signals to their line, refused packets to its dead letters."""

from collections.abc import Sequence
from typing import Protocol

from services.intake.events import Event
from services.intake.hj212.session import Letter
from shared.adapters.kafka.producer import Producer
from shared.contract.topics import LineTopic, line_topic
from shared.domain.moments import Clock
from shared.runtime.dead_letters import DeadLetterWriter
from shared.runtime.worker.record import Record

ORIGIN = "hj212"
"""Stands for a topic in the dead letters: they did not come from one, and cannot be replayed."""
PEER = "hj212-peer"
"""The header that says from which address the packet came."""


class Delivery(Protocol):
    async def deliver(self, events: Sequence[Event], letters: Sequence[Letter], peer: str) -> None:
        """Returns when all of it is durable. Raises Unavailable: then all may be given again,
        signals are known by their ids and a letter may stand twice."""
        ...


class KafkaDelivery:
    def __init__(self, producer: Producer, namespace: str, clock: Clock) -> None:
        self._producer = producer
        self._namespace = namespace
        self._clock = clock
        self._writers: dict[str, DeadLetterWriter] = {}

    async def deliver(self, events: Sequence[Event], letters: Sequence[Letter], peer: str) -> None:
        await self._producer.send_all([event.as_record(self._namespace) for event in events])
        for letter in letters:
            record = Record(
                topic=ORIGIN,
                partition=0,
                offset=letter.offset,
                key=None if letter.mn is None else letter.mn.encode(),
                value=letter.raw,
                headers=[(PEER, peer.encode())],
            )
            await self._writer(letter.line).bury(record, letter.reason, tries=1)

    def _writer(self, line: str) -> DeadLetterWriter:
        if line not in self._writers:
            topic = line_topic(self._namespace, line, LineTopic.DEAD_LETTERS)
            self._writers[line] = DeadLetterWriter(self._producer, topic, self._clock)
        return self._writers[line]
