"""The tables of the county's pack, and the published readings to hold them against."""

from decimal import Decimal
from pathlib import Path

import pytest

from shared.adapters.pack import load_pack
from shared.declaration.county.standards import Standards
from shared.domain.aqi import Concentration
from shared.domain.aqi_table import AqiTable

CHECKOUT = Path(__file__).parents[3]
PACK = CHECKOUT / "deploy" / "counties" / "jinxiang-370828"
DATA = CHECKOUT.parent / "shared" / "data"
"""Where published readings lie while the project is made; a clone has none."""


def published(name: str) -> Path:
    """A file of published readings, or the test is skipped."""
    path = DATA / "aqi" / name
    if not path.exists():
        pytest.skip(f"{name} lies outside the checkout")
    return path


def readings(**values: float | Decimal | None) -> dict[str, Concentration | None]:
    """Values in the standard's units, by name."""
    return {
        name: None if value is None else Concentration(value, "mg/m3" if name == "co" else "ug/m3")
        for name, value in values.items()
    }


@pytest.fixture(scope="session")
def standards() -> Standards:
    return load_pack(PACK).standards


@pytest.fixture(scope="session")
def old(standards: Standards) -> AqiTable:
    return standards.aqi_named("HJ633-2012")


@pytest.fixture(scope="session")
def new(standards: Standards) -> AqiTable:
    return standards.aqi_named("HJ633-2026")
