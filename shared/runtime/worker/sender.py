"""What rules send: findings to a line's findings topic, orders to a line's commands topic."""

from collections.abc import Sequence

from shared.adapters.kafka.outbound import Outbound as Raw
from shared.adapters.kafka.producer import Producer
from shared.application.signals.ports import Outbound
from shared.contract.envelope import COMMAND, FINDING, encode, headers
from shared.contract.messages import Command
from shared.contract.topics import LineTopic, line_topic
from shared.contract.trace import following
from shared.domain.actor import system
from shared.domain.moments import Clock


class FindingSender:
    """Implements Sender for the rules of `line`."""

    def __init__(self, producer: Producer, namespace: str, line: str, clock: Clock) -> None:
        self._producer = producer
        self._namespace = namespace
        self._line = line
        self._clock = clock

    async def send(self, what: Sequence[Outbound]) -> None:
        await self._producer.send_all([self._raw(out) for out in what])

    def _raw(self, out: Outbound) -> Raw:
        with following(out.trace):
            return self._written(out)

    def _written(self, out: Outbound) -> Raw:
        if out.kind == "order":
            return self._order(out)
        topic = line_topic(self._namespace, out.line, LineTopic.FINDINGS)
        described = headers(FINDING, self._line, out.id, self._clock.now(), out.key)
        return Raw(topic, out.key.encode(), encode(out.body), described)

    def _order(self, out: Outbound) -> Raw:
        now = self._clock.now()
        command = Command.model_validate(
            {
                "id": out.id,
                "actor": system(f"rules:{self._line}"),
                "issued_at": now,
                "reply": False,
                **out.body,
            }
        )
        topic = line_topic(self._namespace, out.line, LineTopic.COMMANDS)
        described = headers(COMMAND, self._line, out.id, now, out.key)
        return Raw(topic, command.entry.encode(), encode(command), described)
