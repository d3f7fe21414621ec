"""The same suite over the memory and over the real engine."""

from collections.abc import AsyncIterator

import pytest

from shared.adapters.memory.leases import MemoryLeases
from shared.adapters.memory.ledger import MemoryLedger
from shared.adapters.memory.outbox import MemoryOutbox
from shared.adapters.memory.store import Store
from shared.adapters.memory.tries import MemoryTries
from shared.adapters.mongo.client import Database, connect
from shared.adapters.mongo.indexes import ensure_indexes
from shared.adapters.mongo.leases import MongoLeases
from shared.adapters.mongo.ledger import MongoLedger
from shared.adapters.mongo.outbox import MongoOutbox
from shared.adapters.mongo.tries import MongoTries
from tests.contract.world import County, TurnedClock, World


@pytest.fixture
async def database(mongo_url: str, ns: str) -> AsyncIterator[Database]:
    """A line's database of the test's own on the real engine."""
    client = connect(mongo_url)
    name = f"{ns}_dust"
    await ensure_indexes(client[name])
    yield client[name]
    await client.drop_database(name)
    client.close()


def memory_world(store: Store) -> World:
    clock = TurnedClock()

    async def size(entry_id: str) -> int:
        return len(store.entries[entry_id].outbox)

    return World(
        ledger=MemoryLedger(store),
        outbox=MemoryOutbox(store),
        leases=MemoryLeases(store, clock),
        tries=MemoryTries(store),
        clock=clock,
        size=size,
    )


def mongo_world(database: Database) -> World:
    clock = TurnedClock()

    async def size(entry_id: str) -> int:
        document = await database.entries.find_one({"_id": entry_id})
        assert document is not None
        return len(document["outbox"])

    return World(
        ledger=MongoLedger(database, County(), clock),
        outbox=MongoOutbox(database, clock),
        leases=MongoLeases(database, clock),
        tries=MongoTries(database, clock),
        clock=clock,
        size=size,
    )


@pytest.fixture
def memory() -> World:
    return memory_world(Store())


@pytest.fixture
def engine(database: Database) -> World:
    return mongo_world(database)


@pytest.fixture(params=["memory", "engine"])
def world(request: pytest.FixtureRequest) -> World:
    made: World = request.getfixturevalue(request.param)
    return made
