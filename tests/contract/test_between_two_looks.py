"""The relay files and clears everything between a reader's first look and its second.

Chance hardly ever hits that moment, so it is held open here.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandListener

from shared.adapters.memory.store import Store, When
from shared.adapters.mongo.client import Client, Database
from shared.application.ports import Ledger
from tests.contract.conftest import memory_world, mongo_world
from tests.contract.relay import relay_all
from tests.contract.samples import grow, started
from tests.contract.world import World

Read = Callable[[Ledger], Awaitable[Any]]
DEADLINE = 20

READS: dict[str, Read] = {
    "find": lambda ledger: ledger.find("p1", "p1-c2"),
    "answer": lambda ledger: ledger.answer("p1-c2"),
    "history": lambda ledger: ledger.history("p1", 0, 100),
    "answers_of": lambda ledger: ledger.answers_of("p1", 100),
}


class Gate(CommandListener):
    """Stops the thread of one database call after its first command has come back."""

    def __init__(self) -> None:
        self.armed = False
        self.looked, self.go_on = threading.Event(), threading.Event()

    def succeeded(self, event: object) -> None:
        if self.armed:
            self.armed = False
            self.looked.set()
            assert self.go_on.wait(DEADLINE), "nobody opened the gate"

    def started(self, event: object) -> None:
        pass

    def failed(self, event: object) -> None:
        pass


@pytest.fixture
async def gated(mongo_url: str, database: Database) -> AsyncIterator[tuple[Gate, Ledger]]:
    gate = Gate()
    client: Client = AsyncIOMotorClient(mongo_url, tz_aware=True, event_listeners=[gate])
    yield gate, mongo_world(client[database.name]).ledger
    gate.go_on.set()
    client.close()


@pytest.mark.parametrize("read", READS.values(), ids=READS)
async def test_engine(read: Read, engine: World, gated: tuple[Gate, Ledger]) -> None:
    gate, reader = gated
    await started(engine.ledger)
    await grow(engine.ledger, "p1", 2)
    quiet = await read(reader)

    gate.armed = True
    async with asyncio.timeout(DEADLINE):
        reading = asyncio.ensure_future(read(reader))
        assert await asyncio.to_thread(gate.looked.wait, DEADLINE)
        await relay_all(engine.outbox)
        gate.go_on.set()
        assert await reading == quiet
    assert await engine.size("p1") == 0
    assert await read(reader) == quiet


@pytest.mark.parametrize("read", READS.values(), ids=READS)
async def test_memory(read: Read) -> None:
    store = Store()
    world = memory_world(store)
    await started(world.ledger)
    await grow(world.ledger, "p1", 2)
    quiet = await read(world.ledger)
    looks = 0

    def relay_at_once(step: str, when: When) -> None:
        nonlocal looks
        looks += when == "after"
        if looks != 1:
            return
        for _, item in store.entries["p1"].outbox:
            assert item.change is not None
            store.history[item.change.entry, item.change.version] = item.change
            store.receipts[item.answer.command] = item.answer
        store.entries["p1"].outbox.clear()

    store.fault = relay_at_once
    assert await read(world.ledger) == quiet
    assert await world.size("p1") == 0
    assert await read(world.ledger) == quiet
