"""A line and a gateway for every test that asks."""

from tests.unit.http.conftest import gateway, line

__all__ = ["gateway", "line"]
