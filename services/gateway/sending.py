"""The way into a line's commands topic."""

from shared.adapters.kafka.producer import Producer
from shared.contract.envelope import COMMAND, encode, headers
from shared.contract.messages import Command
from shared.contract.topics import LineTopic, line_topic


class CommandSender:
    """Keyed by the entry, so that commands for one entry keep their order."""

    def __init__(self, producer: Producer, namespace: str) -> None:
        self._producer = producer
        self._namespace = namespace

    async def send(self, line: str, command: Command) -> None:
        """Returns when the broker has it (acks=all). Raises Unavailable."""
        await self._producer.send(
            line_topic(self._namespace, line, LineTopic.COMMANDS),
            command.entry,
            encode(command),
            headers(COMMAND, "gateway", command.id, command.issued_at, command.entry),
        )
