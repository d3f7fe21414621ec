"""Which factor becomes which field of which signal: the codes of 2017/2025 first, 2005 after.

Units and ranges are those of the line's own model (a test holds the two together). What lies
outside has another unit or comes from a broken instrument: it is refused, never converted.
"""

from dataclasses import dataclass, field
from typing import Literal

DustUnit = Literal["ng/m3", "ug/m3", "mg/m3"]
"""HJ 212-2017 has particles of the ambient air in ng/m³; devices send all three."""
PER_MICROGRAM: dict[DustUnit, float] = {"ng/m3": 1000, "ug/m3": 1, "mg/m3": 0.001}


@dataclass(frozen=True)
class Quantity:
    """One measured field, in `unit` (UCUM)."""

    field: str
    codes: tuple[str, ...]
    """The first of them that a packet has."""
    unit: str
    low: float
    high: float
    least: float | None = None
    """A value above zero and below this has another unit."""
    prefix: Literal["", "Zs"] = ""
    """`Zs`: the value converted to the standard's oxygen (折算)."""
    in_dust_unit: bool = False
    """Sent in the unit that the devices file names."""

    def fault(self, value: float) -> str | None:
        """Why `value` cannot be true."""
        if not self.low <= value <= self.high:
            return f"{value:g} 不在 {self.low:g}–{self.high:g} {self.unit} 之间 / out of range"
        if self.least is not None and 0 < value < self.least:
            return f"{value:g} 小于 {self.least:g} {self.unit},像是别的单位 / another unit?"
        return None


@dataclass(frozen=True)
class Mapping:
    line: str
    signal: str
    quantities: tuple[Quantity, ...]
    flags_apart: bool = False
    """The signal has a flag for each field; else there is one for all."""
    places: frozenset[str] = field(default_factory=frozenset)
    """Fields of the devices file that go into the signal as they are."""

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(each.field for each in self.quantities)


def _stack(name: str, codes: tuple[str, ...], high: float) -> tuple[Quantity, Quantity]:
    return (
        Quantity(name, codes, "mg/m3", -10, high),
        Quantity(f"{name}_zs", codes, "mg/m3", -1000, 100_000, prefix="Zs"),
    )


def _dust(name: str, codes: tuple[str, ...], high: float, least: float) -> Quantity:
    return Quantity(name, codes, "ug/m3", 0, high, least=least, in_dust_unit=True)


CEMS = Mapping(
    line="industry",
    signal="cems",
    quantities=(
        *_stack("pm", ("a34013", "01"), 1000),
        *_stack("so2", ("a21026", "02"), 5000),
        *_stack("nox", ("a21002", "03"), 5000),
        Quantity("o2", ("a19001", "S01"), "%", -1, 25),
    ),
    flags_apart=True,
    places=frozenset({"enterprise", "outlet"}),
)

SITE_MONITOR = Mapping(
    line="dust",
    signal="site-monitor",
    quantities=(
        _dust("pm10", ("a34002",), 20_000, 0.5),
        _dust("pm25", ("a34004",), 20_000, 0.5),
        _dust("tsp", ("a34001",), 50_000, 1),
        Quantity("noise", ("Leq", "LA"), "dB(A)", 0, 150),
        Quantity("wind_speed", ("a01007",), "m/s", 0, 75),
        Quantity("wind_direction", ("a01008",), "deg", 0, 360),
        Quantity("temperature", ("a01001",), "Cel", -50, 60),
        Quantity("humidity", ("a01002",), "%", 0, 100),
    ),
    places=frozenset({"site"}),
)

MAPPINGS = {f"{each.line}.{each.signal}": each for each in (CEMS, SITE_MONITOR)}
