"""A reader that is kept alive: what comes is handed on, trouble with the broker is waited out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from services.gateway.reader import Reader, Where
from shared.adapters.kafka.probe import backoff
from shared.application.ports import Unavailable
from shared.runtime.worker.record import Record

log = logging.getLogger(__name__)


class Following:
    """Follows topics for ever; `caught_up` is set once it stood at what was the end at its start."""

    def __init__(self, name: str, reader: Reader, where: Where, back: int = 0) -> None:
        """`back`: so many records before the end, where they are kept."""
        self.name = name
        self.caught_up = asyncio.Event()
        self.trouble: str | None = "not connected yet"
        self._reader = reader
        self._where: Where = where
        self._back = back

    async def run(self, take: Callable[[list[Record]], Awaitable[None]]) -> None:
        """Hand every record to `take`, which may raise Unavailable and then gets it again.

        After each connecting it is called first, without records when there are none.
        """
        pauses = backoff()
        kept: list[Record] = []
        try:
            while True:
                try:
                    await self._reader.open(self._where, self._back)
                    ends = await self._reader.ends()
                    self.trouble = None
                    pauses = backoff()
                    while True:
                        await take(kept)
                        kept = []
                        if self._reader.reached(ends):
                            self.caught_up.set()
                        kept = await self._reader.poll(1.0)
                except Unavailable as error:
                    self.trouble = str(error)
                    log.warning("%s: %s", self.name, error)
                    await asyncio.sleep(next(pauses))
        finally:
            await self._reader.close()
