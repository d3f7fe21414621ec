"""Commands that met a signpost are sent on, whoever waits for them, and if nobody does."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from aiokafka import TopicPartition

from services.gateway.holding import Held, Holding
from services.gateway.live_model import LiveModel
from services.gateway.registry import Registry
from services.gateway.sending import CommandSender
from services.gateway.signposts import next_step, not_before
from shared.contract.messages import Answer
from shared.contract.trace import following, of_record
from shared.domain.moments import Clock
from shared.runtime.dead_letters import DeadLetterWriter
from shared.runtime.worker.record import Record

log = logging.getLogger(__name__)
PATIENCE = timedelta(seconds=60)
"""For a command, or a line, that the signpost speaks of and that we do not know."""


class Forwarder:
    """Holds signposts until their command is known here and due to be sent."""

    def __init__(
        self,
        model: LiveModel,
        registry: Registry,
        sender: CommandSender,
        graveyard: DeadLetterWriter,
        clock: Clock,
    ) -> None:
        self._model = model
        self._registry = registry
        self._sender = sender
        self._graveyard = graveyard
        self._clock = clock
        self._held: Holding[tuple[Record, Answer]] = Holding()

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, signposts: Sequence[tuple[Record, Answer]]) -> None:
        for record, answer in signposts:
            home = TopicPartition(record.topic, record.partition)
            self._held.add(home, record.offset, self._clock.now(), (record, answer))

    async def send_ready(self) -> None:
        """Raises Unavailable; a command that is sent twice takes effect once."""
        if not len(self._held):
            return
        wanted = [answer.command for _, answer in self._held.items()]
        known = await self._model.current.sent(wanted)
        now = self._clock.now()
        for held in self._held.select(lambda _: True):
            record, answer = held.item
            sent = known.get(answer.command)
            if sent is not None and sent.answer is not None:
                self._held.release([held])  # decided meanwhile: an old signpost, read again
                continue
            if sent is None or sent.command is None or sent.digest != answer.digest:
                await self._give_up(held, "its command is not known", now - held.since)
                continue
            line, onward = next_step(answer, sent.command)
            if self._registry.card(line) is None:
                await self._give_up(held, f"no line {line!r} is registered", now - held.since)
            elif now >= not_before(answer, sent.command):
                with following(of_record(record.headers)):
                    await self._sender.send(line, onward)
                self._held.release([held])

    async def _give_up(
        self, held: Held[tuple[Record, Answer]], why: str, waited: timedelta
    ) -> None:
        if waited <= PATIENCE:
            return
        record, _ = held.item
        log.error("cannot send on what %s asks for: %s", record, why)
        await self._graveyard.bury(record, f"cannot be sent on: {why}", tries=1)
        self._held.release([held])

    def floor(self, home: TopicPartition) -> int | None:
        return self._held.floor(home)

    def clear(self) -> None:
        self._held.clear()
