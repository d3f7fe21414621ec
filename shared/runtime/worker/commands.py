"""The command subscription of a line: decode, handle, answer who waits for it."""

import logging
from collections.abc import Awaitable, Callable

from shared.adapters.kafka.producer import Producer
from shared.contract.envelope import COMMAND, REPLY, Unreadable, decode, encode, headers
from shared.contract.messages import Answer, Command
from shared.contract.topics import LineTopic, SharedTopic, line_topic, shared_topic
from shared.runtime.worker.record import Record, Subscription

log = logging.getLogger(__name__)

Handle = Callable[[Command], Awaitable[Answer]]


class ReplySender:
    """Sends answers to `<namespace>.replies`, keyed by the command's id."""

    def __init__(self, producer: Producer, namespace: str) -> None:
        self._producer = producer
        self._topic = shared_topic(namespace, SharedTopic.REPLIES)

    async def send(self, answer: Answer) -> None:
        """Returns when the broker has it. Raises Unavailable: the command is then handled again,
        which repeats the stored answer."""
        await self._producer.send(
            self._topic,
            answer.command,
            encode(answer),
            headers(REPLY, answer.line, answer.command, answer.at, answer.entry_id),
        )


def command_subscription(
    namespace: str, line: str, handle: Handle, replies: ReplySender
) -> Subscription:
    """What a line does with the records of its commands topic."""

    async def on_record(record: Record) -> None:
        command = decode(Command, COMMAND, record.headers, record.value)
        if record.key != command.entry.encode():
            # Another key may lie in another partition, where its order is not kept.
            raise Unreadable(f"the key is {record.key!r}, not the entry's id {command.entry!r}")
        answer = await handle(command)
        if command.reply:
            await replies.send(answer)
        elif answer.refusal is not None:
            # Nobody waits for this answer, and whoever sent it believes that it was done.
            log.warning("a command was refused for ever: %s", answer.refusal.type)

    return Subscription(line_topic(namespace, line, LineTopic.COMMANDS), on_record)
