"""A gateway's database of the test's own, with the indexes of generation 1."""

from collections.abc import AsyncIterator

import pytest

from shared.adapters.mongo.client import Database, connect
from shared.adapters.mongo.generations import Generations
from tests.integration.reports.world import NOW, Desk
from tests.unit.http.world import TurnedClock


@pytest.fixture
async def database(mongo_url: str, ns: str) -> AsyncIterator[Database]:
    client = connect(mongo_url)
    name = f"{ns}_gateway"
    await Generations(client[name], TurnedClock()).targets()
    yield client[name]
    await client.drop_database(name)
    client.close()


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, TurnedClock(NOW))
