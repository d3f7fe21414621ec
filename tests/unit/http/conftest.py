"""A line and a gateway for every test that asks."""

import pytest

from tests.unit.http.world import LineWorld


@pytest.fixture
def line() -> LineWorld:
    return LineWorld()


@pytest.fixture
def gateway() -> LineWorld:
    return LineWorld(gateway=True)
