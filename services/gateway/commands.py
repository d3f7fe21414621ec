"""Commands on their way: from a request through a line's topic to its reply."""

import asyncio
import logging

from services.gateway.following import Following
from services.gateway.live_model import LiveModel
from services.gateway.registry import Registry
from services.gateway.replies import Replies
from services.gateway.sending import CommandSender
from shared.adapters.mongo.read_model import Batch
from shared.application.ports import Unavailable
from shared.contract.messages import Answer, Command
from shared.domain.decide import entry_from
from shared.domain.refusal import invalid, refuse
from shared.runtime.logging import about

log = logging.getLogger(__name__)
CATCH_UP_SECONDS = 5.0
"""How long a command waits for a gateway that has just started."""


class TopicCommander:
    """Implements Commander over the lines' topics."""

    def __init__(
        self, model: LiveModel, registry: Registry, replies: Replies, sender: CommandSender
    ) -> None:
        self._model = model
        self._registry = registry
        self._replies = replies
        self._sender = sender

    async def submit(self, command: Command, line: str | None, wait: float) -> Answer | None:
        """See Commander. A retry of what was answered gets that answer without another round."""
        with about(entry=command.entry, command=command.id):
            return await self._submit(command, line, wait)

    async def _submit(self, command: Command, line: str | None, wait: float) -> Answer | None:
        if self._replies.is_waiting(command.id):
            raise refuse("key-in-flight", "相同 Idempotency-Key 的请求正在处理,请稍候重试")
        with self._replies.expecting(command) as reply:
            earlier = (await self._model.current.sent([command.id])).get(command.id)
            if earlier is not None and earlier.digest != command.digest():
                raise refuse(
                    "key-reused",
                    "该幂等键(Idempotency-Key)已用于内容不同的请求;请换一个新的键",
                )
            if earlier is not None and earlier.answer is not None:
                return earlier.answer
            target = await self._target(command, line)
            await self._stand_at_the_end()
            await self._sender.send(target, command)
            try:
                async with asyncio.timeout(wait):
                    answer = await reply
            except TimeoutError:
                with about(line=target):
                    await self._remember(command, target)
                return None
        with about(line=answer.line):
            await self._show(answer)
        return answer

    async def _target(self, command: Command, line: str | None) -> str:
        """The line that decides. A problem in transit is asked for where it was last seen."""
        if line is None:
            known = (await self._model.current.known([command.entry])).get(command.entry)
            if known is None:
                raise refuse("not-found", f"没有编号为“{command.entry}”的条目,请核对")
            line = known.line
        if self._registry.card(line) is None:
            # A gateway that has just started does not know the lines yet; that refuses nobody.
            await _caught_up(self._registry.following, "the lines' registry")
        if self._registry.card(line) is None:
            said = "、".join(self._registry.keys())
            raise invalid("/line", f"没有工作线“{line}”,可用:{said or '(尚无工作线登记)'}")
        return line

    async def _stand_at_the_end(self) -> None:
        """An answer must not pass before we listen."""
        await _caught_up(self._replies.following, "replies")

    async def _remember(self, command: Command, line: str) -> None:
        """So that the address in the 202 answers at once; the topic itself tells it for good."""
        try:
            await self._model.apply(Batch(commands=[(line, command)]))
        except Unavailable as error:
            log.warning("command is sent, its note has to wait: %s", error)

    async def _show(self, answer: Answer) -> None:
        """What was written can be read as soon as the caller hears of it."""
        batch = Batch(answers=[answer])
        if answer.entry is not None:
            batch.entries.append(entry_from(answer.entry))
        try:
            await self._model.apply(batch)
        except Unavailable as error:
            # The line has it durably; the projector brings it here when the database is back.
            log.warning("answered, but not yet in the read model: %s", error)


async def _caught_up(following: Following, what: str) -> None:
    """Returns when all of it has been read. Raises Unavailable when that takes too long."""
    try:
        async with asyncio.timeout(CATCH_UP_SECONDS):
            await following.caught_up.wait()
    except TimeoutError:
        raise Unavailable(f"{what} cannot be read yet") from None
