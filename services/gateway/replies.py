"""Replies for requests that wait: every replica reads them all, standing at the end from the start."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from services.gateway.following import Following
from services.gateway.reader import Reader
from services.gateway.signposts import is_signpost
from shared.contract.envelope import REPLY, Unreadable, decode
from shared.contract.messages import Answer, Command
from shared.contract.topics import SharedTopic, shared_topic
from shared.runtime.worker.record import Record

log = logging.getLogger(__name__)


class Replies:
    """Who waits for which command's answer, in this replica."""

    def __init__(self, bootstrap: str, namespace: str) -> None:
        topic = shared_topic(namespace, SharedTopic.REPLIES)
        self.following = Following(
            "replies", Reader(bootstrap, "tenlines.gateway.replies", [topic]), "end"
        )
        self._waiting: dict[str, tuple[str, asyncio.Future[Answer]]] = {}

    async def run(self) -> None:
        await self.following.run(self._read)

    def is_waiting(self, command_id: str) -> bool:
        return command_id in self._waiting

    @contextmanager
    def expecting(self, command: Command) -> Iterator[asyncio.Future[Answer]]:
        """The answer to this command with this body, when it comes. One waiter a command."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[command.id] = (command.digest(), future)
        try:
            yield future
        finally:
            del self._waiting[command.id]
            future.cancel()

    async def _read(self, records: list[Record]) -> None:
        for record in records:
            waiting = self._waiting.get((record.key or b"").decode(errors="replace"))
            if waiting is None:
                continue  # the projector files it; decoding it here would be work for nobody
            digest, future = waiting
            try:
                answer = decode(Answer, REPLY, record.headers, record.value)
            except Unreadable:
                log.error("unreadable reply %s", record)
                continue
            if answer.digest == digest and not is_signpost(answer) and not future.done():
                future.set_result(answer)
