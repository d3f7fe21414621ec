"""An HTTP command at a line goes straight to the line's handler."""

import asyncio

from shared.application.handler import Handler
from shared.application.ports import Unavailable
from shared.contract.messages import Answer, Command


class HandlerCommander:
    """Implements Commander. Nothing is decided before the pack is in the ledgers."""

    def __init__(self, handler: Handler, prepared: asyncio.Event) -> None:
        self._handler = handler
        self._prepared = prepared

    async def submit(self, command: Command, line: str | None, wait: float) -> Answer | None:
        if not self._prepared.is_set():
            raise Unavailable("the line is starting: its database is not reachable yet")
        return await self._handler.handle(command)
