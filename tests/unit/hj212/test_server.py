"""The server on a real socket, with a delivery that the tests hold in their hands."""

import asyncio
import contextlib
import random
import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from services.intake.events import Event
from services.intake.hj212.connection import Limits
from services.intake.hj212.server import Server
from services.intake.hj212.session import Letter
from shared.application.ports import Unavailable
from tests.unit.hj212.known import devices
from tests.unit.hj212.packets import mutated, packed, segment

SHORT = Limits(stranger=0.3, idle=0.3, parts=0.3, write=0.5)


class MemoryDelivery:
    """Durable is what stands in its lists."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.letters: list[Letter] = []
        self.away = False
        self.broken = False
        self.tries = 0

    async def deliver(self, events: Sequence[Event], letters: Sequence[Letter], peer: str) -> None:
        self.tries += 1
        await asyncio.sleep(0)
        if self.broken:
            raise RuntimeError("a bug")
        if self.away:
            raise Unavailable("away")
        self.events += events
        self.letters += letters


@asynccontextmanager
async def serving(
    delivery: MemoryDelivery, limits: Limits | None = None
) -> AsyncIterator[tuple[Server, int]]:
    server = Server(devices(), delivery, limits or Limits())
    port = await server.start("127.0.0.1", 0)
    try:
        yield server, port
    finally:
        begun = time.monotonic()
        await server.stop()
        assert time.monotonic() - begun < 5 and len(server) == 0


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.005)


async def answer(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(10):
        return await reader.readline()


async def closed(reader: asyncio.StreamReader) -> bool:
    """Whether the server closes within the deadline."""
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionResetError):
            await reader.read()
    return True


def hour(number: int = 0, **more: object) -> bytes:
    cp = f"DataTime=20261124100000;a34013-Avg={number / 100}"
    qn = f"2026112410{number:07d}"
    return packed(segment(cp, cn="2061", qn=qn, **more))  # type: ignore[arg-type]


async def test_readings_are_durable_before_they_are_answered() -> None:
    delivery = MemoryDelivery()
    async with serving(delivery) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in range(20):
            writer.write(hour(number))
            assert b"CN=9014" in await answer(reader)
            assert len(delivery.events) == number + 1
        assert server.counts["taken"] == 20
        writer.close()
        await until(lambda: len(server) == 0)


async def test_while_kafka_is_away_nothing_is_answered_and_nothing_is_lost() -> None:
    delivery = MemoryDelivery()
    delivery.away = True
    async with serving(delivery) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(hour(1))
        await until(lambda: delivery.tries >= 2)
        # More than a connection holds: the peer has to wait, the server's memory does not grow.
        flood = b"".join(hour(2 + number) for number in range(100)) * 400
        writer.write(flood)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await writer.drain()
        assert writer.transport.get_write_buffer_size() > 0
        assert delivery.events == [] and server.counts["held"] >= 2
        delivery.away = False
        assert b"QN=20261124100000001;" in await answer(reader)
        assert len({event.id for event in delivery.events}) >= 1
        writer.transport.abort()


async def test_a_server_that_ends_while_kafka_is_away_ends_at_once_and_answers_nothing() -> None:
    delivery = MemoryDelivery()
    delivery.away = True
    async with serving(delivery) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(hour(1))
        await until(lambda: delivery.tries >= 1)
        await server.stop()
        assert await reader.read() == b""
        writer.close()


async def test_a_server_that_ends_still_answers_what_it_has_read() -> None:
    delivery = MemoryDelivery()
    async with serving(delivery) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(hour(1) + hour(2)[:50])
        assert b"CN=9014" in await answer(reader)
        await server.stop()
        assert await reader.read() == b""
        assert delivery.letters == [], "half a packet is no fault when it was us who hung up"
        with contextlib.suppress(OSError):
            await asyncio.open_connection("127.0.0.1", port)
            raise AssertionError("still listening")
        writer.close()


async def test_no_more_connections_than_allowed() -> None:
    delivery = MemoryDelivery()
    async with serving(delivery, Limits(connections=2)) as (server, port):
        kept = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        await until(lambda: len(server) == 2)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await closed(reader)
        assert server.counts["turned-away"] == 1
        kept[0][1].close()
        await until(lambda: len(server) == 1)
        again, third = await asyncio.open_connection("127.0.0.1", port)
        third.write(hour(1))
        assert b"CN=9014" in await answer(again)
        for _, each in kept:
            each.close()
        writer.close()
        third.close()


async def test_who_sends_nothing_right_is_closed_and_so_is_who_falls_silent() -> None:
    delivery = MemoryDelivery()
    async with serving(delivery, SHORT) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await closed(reader), "a stranger"
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(hour(1))
        assert b"CN=9014" in await answer(reader)
        assert await closed(reader), "an idle device"
        writer.close()


async def test_a_stranger_that_drips_bytes_is_closed_too() -> None:
    delivery = MemoryDelivery()
    async with serving(delivery, SHORT) as (server, port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        await until(lambda: len(server) == 1)
        deadline = time.monotonic() + 10
        while len(server):
            assert time.monotonic() < deadline
            with contextlib.suppress(ConnectionError):
                writer.write(b"x")
                await writer.drain()
            await asyncio.sleep(0.02)
        writer.close()


async def test_who_does_not_take_its_answers_is_closed() -> None:
    delivery = MemoryDelivery()
    async with serving(delivery, SHORT) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        block = b"".join(packed(segment("", cn="9021")) for _ in range(1000))

        async def flood() -> None:
            with contextlib.suppress(ConnectionError):
                while True:
                    writer.write(block)
                    await writer.drain()

        task = asyncio.create_task(flood())
        await until(lambda: len(server) == 1)
        await until(lambda: len(server) == 0, seconds=30)
        task.cancel()
        writer.transport.abort()
        del reader


async def test_refused_packets_one_after_the_other_end_the_connection() -> None:
    delivery = MemoryDelivery()
    async with serving(delivery, Limits(refused=50)) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"##nonsense\r\n" * 10_000)
        assert await closed(reader)
        assert len(delivery.letters) == 50
        writer.close()


async def test_parts_that_do_not_come_are_buried_though_the_device_is_silent() -> None:
    delivery = MemoryDelivery()
    limits = Limits(parts=0.2)
    async with serving(delivery, limits) as (_, port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(hour(1, flag=7, more="PNUM=2;PNO=1;"))
        await until(lambda: len(delivery.letters) == 1)
        assert "only parts 1 of 2" in delivery.letters[0].reason
        writer.close()


async def test_a_bug_costs_one_connection() -> None:
    delivery = MemoryDelivery()
    async with serving(delivery) as (server, port):
        other = await asyncio.open_connection("127.0.0.1", port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        delivery.broken = True
        writer.write(hour(1))
        assert await closed(reader)
        delivery.broken = False
        other[1].write(hour(2))
        assert b"CN=9014" in await answer(other[0])
        assert server.counts["crashed"] == 1
        writer.close()
        other[1].close()


async def test_ten_thousand_mutated_packets_through_the_door() -> None:
    """Nothing crashes, each good one between them counts and is answered, each bad one that can be
    told to be one lies in the dead letters with its reason."""
    chance, delivery = random.Random(212), MemoryDelivery()
    async with serving(delivery) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answers = bytearray()

        async def listen() -> None:
            while chunk := await reader.read(65_536):
                answers.extend(chunk)

        listening = asyncio.create_task(listen())
        for number in range(10_000):
            bad = mutated(hour(99_999), chance)
            stream = bad + b"\r\n" + hour(number)
            cut = chance.randrange(len(stream))
            writer.write(stream[:cut])
            await writer.drain()
            writer.write(stream[cut:])
        writer.write_eof()
        async with asyncio.timeout(60):
            await listening
        writer.close()
        assert server.counts["crashed"] == 0
        assert server.counts["taken"] == len(delivery.events)
        assert server.counts["refused"] == len(delivery.letters) > 9000
    good = {f"2026112410{number:07d}" for number in range(10_000)}
    assert good <= set(re.findall(r"QN=(\d{17});", answers.decode()))
    assert good <= {event.apart.split("/")[2] for event in delivery.events}
    assert all(letter.reason and letter.raw for letter in delivery.letters)
