"""A database with the indexes of entries."""

from collections.abc import AsyncIterator

import pytest

from shared.adapters.mongo.client import Database, connect
from shared.adapters.mongo.indexes import ensure_entry_indexes


@pytest.fixture
async def database(mongo_url: str, ns: str) -> AsyncIterator[Database]:
    client = connect(mongo_url)
    name = f"{ns}_reads"
    await ensure_entry_indexes(client[name].entries)
    yield client[name]
    await client.drop_database(name)
    client.close()
