"""One site a test: own namespace, own databases, dropped afterwards."""

from collections.abc import AsyncIterator

import pytest

from shared.adapters.mongo.client import connect
from shared.adapters.pack import load_pack
from shared.declaration.county.county import County
from shared.runtime.settings import Settings
from tests.integration.gateway.harness import Site


@pytest.fixture(scope="session")
def county() -> County:
    return load_pack(Settings().county)


@pytest.fixture
async def site(
    kafka_bootstrap: str, mongo_url: str, ns: str, county: County
) -> AsyncIterator[Site]:
    client = connect(mongo_url)
    site = Site(kafka_bootstrap, mongo_url, ns, county, client)
    await site.topics()
    yield site
    for name in await client.list_database_names():
        if name.startswith(f"{ns}_"):
            await client.drop_database(name)
    client.close()
