"""A real HTTP receiver for webhooks: it keeps what it gets and answers as a test tells it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Got:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """`hang`: never answer. `endless`: a body that never ends."""

    status: int = 200
    body: bytes = b'{"errcode":0,"errmsg":"ok"}'
    headers: tuple[tuple[str, str], ...] = ()
    hang: bool = False
    endless: bool = False


@dataclass
class Receiver:
    url: str = ""
    got: list[Got] = field(default_factory=list)
    answer: Callable[[int], Reply] = lambda _: Reply()
    """From how many requests there have been, this one included."""
    open: int = 0
    most_open: int = 0

    def ids(self) -> list[str]:
        return [each.headers.get("webhook-id", "") for each in self.got]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._exchange(reader, writer)
        finally:
            self.open -= 1
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        pairs = (line.partition(": ") for line in lines)
        headers = {name.lower(): value for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.got.append(Got(first.split(" ")[1], headers, body))
        reply = self.answer(len(self.got))
        if reply.hang:
            await reader.read()  # until the other side gives up
            return
        more = "".join(f"{name}: {value}\r\n" for name, value in reply.headers)
        length = 10**9 if reply.endless else len(reply.body)
        writer.write(
            f"HTTP/1.1 {reply.status} X\r\nContent-Length: {length}\r\n{more}\r\n".encode()
        )
        writer.write(reply.body)
        await writer.drain()
        while reply.endless:
            writer.write(b"x" * 4096)
            await writer.drain()


@asynccontextmanager
async def receiving(answer: Callable[[int], Reply] | None = None) -> AsyncIterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver()
    if answer is not None:
        receiver.answer = answer
    server = await asyncio.start_server(receiver._serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()
