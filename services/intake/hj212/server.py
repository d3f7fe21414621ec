"""The TCP server: takes connections up to a number, ends them cleanly."""

import asyncio
import logging
import socket
from collections import Counter

from services.intake.hj212.connection import CHUNK, Connection, Limits
from services.intake.hj212.delivery import Delivery
from services.intake.hj212.devices import Devices
from services.intake.hj212.session import Session

log = logging.getLogger(__name__)

_ENDING = 15.0
"""Seconds for connections to finish what they have read: one try to reach Kafka."""


class Server:
    def __init__(self, devices: Devices, delivery: Delivery, limits: Limits) -> None:
        self._devices = devices
        self._delivery = delivery
        self._limits = limits
        self._open: dict[Connection, asyncio.Task[None]] = {}
        self._server: asyncio.Server | None = None
        self.counts: Counter[str] = Counter()
        """Packets by what became of them (Outcome), and `held`, `turned-away`, `crashed`."""

    async def start(self, host: str, port: int) -> int:
        """Listen; the port, which matters when 0 was asked for. Raises OSError."""
        self._server = await asyncio.start_server(self._accept, host, port, limit=CHUNK)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Take no more, let every connection finish what it has read, and close all."""
        if self._server is not None:
            self._server.close()
        for connection in self._open:
            connection.tell_to_end()
        tasks = set(self._open.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_ENDING)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    def __len__(self) -> int:
        return len(self._open)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listening = self._server is not None and self._server.is_serving()
        if not listening or len(self._open) >= self._limits.connections:
            self.counts["turned-away"] += 1
            log.warning("%d connections are open, one more is turned away", len(self._open))
            writer.close()
            return
        _prepare(writer)
        session = Session(self._devices, self._limits.parts, self._limits.refused)
        connection = Connection(reader, writer, session, self._delivery, self._limits, self.counts)
        task = asyncio.current_task()
        assert task is not None
        self._open[connection] = task
        try:
            await connection.run()
        except Exception:
            # A bug costs one connection, never the others; the device sends again.
            self.counts["crashed"] += 1
            log.exception("%s: the connection crashed", connection.peer)
        finally:
            del self._open[connection]
            writer.close()


def _prepare(writer: asyncio.StreamWriter) -> None:
    # Few answers may wait for a peer, and one that lost its power is noticed at last.
    writer.transport.set_write_buffer_limits(high=CHUNK)
    own = writer.get_extra_info("socket")
    if own is not None:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
