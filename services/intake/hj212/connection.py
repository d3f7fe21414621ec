"""One device's connection: read, make durable, answer, and never hold more than a little."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from services.intake.hj212.delivery import Delivery
from services.intake.hj212.session import Session, Step
from shared.application.ports import Unavailable

log = logging.getLogger(__name__)

CHUNK = 16_384
"""Bytes read at a time. While they are not durable nothing more is read, so that a connection
holds a few times this and the sender waits."""
_LOOK_EVERY = 5.0
"""Seconds between looks for parts that did not come."""
_RETRY = (0.2, 10.0)
"""Seconds before the first and between later tries while Kafka is away."""


@dataclass(frozen=True)
class Limits:
    """Seconds and counts that no peer may go beyond."""

    connections: int = 500
    idle: float = 7200
    """Without a byte from a known device: some send only by the hour."""
    stranger: float = 120
    """Without a right packet from who has not sent one yet."""
    parts: float = 60
    """Until all parts of a message have to be there."""
    write: float = 10
    """Until a peer has to have taken its answers."""
    refused: int = 200
    """Refused packets one after the other; then the peer is no device or set up wrong."""


class Connection:
    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        session: Session,
        delivery: Delivery,
        limits: Limits,
        counts: "Counter[str]",
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._session = session
        self._delivery = delivery
        self._limits = limits
        self._counts = counts
        self._told = asyncio.Event()
        self._heard = self._began = time.monotonic()
        self._warned = False
        self.peer = _peer(writer)

    def tell_to_end(self) -> None:
        """What was read is still made durable and answered if Kafka is there."""
        self._told.set()

    async def run(self) -> None:
        """Serve until either side ends it. Raises what is a bug."""
        why = "closed by the peer"
        try:
            why = await self._serve()
        except OSError as error:
            why = f"lost: {type(error).__name__}"
        finally:
            log.info(
                "%s: %s; devices %s, %d stray bytes",
                self.peer,
                why,
                ", ".join(sorted(self._session.known)) or "none",
                self._session.noise,
            )

    async def _serve(self) -> str:
        while not self._told.is_set():
            chunk = await self._read()
            now = time.monotonic()
            steps: list[Step] = []
            if chunk:
                self._heard = now
                steps = self._session.take(chunk, now)
            if self._told.is_set() and chunk is None:
                break
            gone = self._over(now) if chunk is None else None
            ended = chunk == b"" or gone is not None
            steps += self._session.end(now) if ended else self._session.expire(now)
            if not await self._deliver(steps):
                return "the server ends, Kafka is away; unanswered packets will come again"
            if not await self._answer(steps):
                return f"did not take its answers within {self._limits.write:g} s"
            if ended:
                return gone or "closed by the peer"
            if self._session.hopeless:
                return f"{self._limits.refused} packets refused in a row"
        return "the server ends"

    async def _read(self) -> bytes | None:
        """What came; empty at the end, None when nothing did for a while or we are told to end."""
        wait = self._patience()
        if self._session.waits_for_parts:
            wait = min(wait, _LOOK_EVERY, self._limits.parts)
        read = asyncio.ensure_future(self._reader.read(CHUNK))
        told = asyncio.ensure_future(self._told.wait())
        try:
            await asyncio.wait({read, told}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            return read.result() if read.done() else None
        except OSError:
            return b""  # what it began is at its end all the same
        finally:
            told.cancel()
            if not read.done():
                read.cancel()
                await asyncio.wait({read})

    def _patience(self) -> float:
        """Seconds that are left for the next byte."""
        now = time.monotonic()
        if self._session.known:
            return max(0.0, self._heard + self._limits.idle - now)
        return max(0.0, self._began + self._limits.stranger - now)

    def _over(self, now: float) -> str | None:
        if self._patience() > 0:
            return None
        return "idle" if self._session.known else "sent no right packet"

    async def _deliver(self, steps: Sequence[Step]) -> bool:
        """Returns when the steps are durable, however long Kafka is away; False when we were told
        to end before."""
        events = [step.event for step in steps if step.event]
        letters = [step.letter for step in steps if step.letter]
        for letter in letters[:1] if not self._warned else ():
            self._warned = True  # one line for a connection; the dead letters have them all
            log.warning("%s: refused a packet of %s: %s", self.peer, letter.mn, letter.reason)
        wait = _RETRY[0]
        while events or letters:
            try:
                await self._delivery.deliver(events, letters, self.peer)
                break
            except Unavailable as error:
                self._counts["held"] += 1
                log.warning("%s: holds %d packets: %s", self.peer, len(steps), error)
            if self._told.is_set():
                return False
            await asyncio.wait({told := asyncio.ensure_future(self._told.wait())}, timeout=wait)
            told.cancel()
            wait = min(2 * wait, _RETRY[1])
        self._counts.update(step.outcome.value for step in steps)
        return True

    async def _answer(self, steps: Sequence[Step]) -> bool:
        """False when the peer does not take its answers."""
        self._writer.write(b"".join(answer for step in steps for answer in step.answers))
        try:
            async with asyncio.timeout(self._limits.write):
                await self._writer.drain()
        except TimeoutError:
            self._writer.transport.abort()
            return False
        return True


def _peer(writer: asyncio.StreamWriter) -> str:
    name = writer.get_extra_info("peername")
    return f"{name[0]}:{name[1]}" if name else "unknown"
