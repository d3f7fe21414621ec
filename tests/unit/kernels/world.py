"""A county of one limit for the kernels, and signals of one device."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.declaration.rule import Limit, Rule
from shared.declaration.signal import Observed, SignalData, measured
from shared.domain.finding import Finding

T0 = datetime.fromisoformat("2026-11-20T00:00:00+00:00")


class Stack(SignalData):
    pm: float | None = measured("mg/m3", "颗粒物", le=5000)
    broken: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bound:
    value: float
    unit: str = "mg/m3"
    standard: str | None = "DB37/2376-2019"
    above: bool = True

    def meets(self, value: float, unit: str) -> bool:
        assert unit == self.unit
        return value > self.value if self.above else value < self.value


@dataclass(frozen=True)
class World:
    """Facts as the tests need them."""

    numbers: dict[str, float] = field(default_factory=dict)
    limits: Mapping[str, Limit | None] = field(default_factory=lambda: {"pm": Bound(10)})
    dark: tuple[datetime, datetime] | None = None

    def limit(self, limit_id: str, at: datetime) -> Limit | None:
        return self.limits[limit_id]

    def number(self, rule: str, name: str) -> float:
        return self.numbers[name]

    def blacked_out(self, line: str, signal: str, device: str, at: datetime) -> bool:
        return self.dark is not None and self.dark[0] <= at < self.dark[1]

    def town_of(self, lon: float, lat: float) -> str | None:
        return None

    def contains(self, lon: float, lat: float) -> bool:
        return True

    def known_heat_source(self, lon: float, lat: float) -> str | None:
        return None

    def place(self, id_: str) -> Any:
        return None

    def places(self, kind: str) -> tuple[Any, ...]:
        return ()

    def lead_of(self, line: str) -> str | None:
        return None


def stack(hours: float, pm: float | None = None, **fields: Any) -> Observed:
    at = T0 + timedelta(hours=hours)
    data = Stack(device_id=fields.pop("device_id", "A"), observed_at=at, pm=pm, **fields)
    return Observed("industry", "stack", data)


def fold(
    rule: Rule[Any], signals: Iterable[Observed], world: World, cuts: frozenset[int] = frozenset()
) -> tuple[Any, list[Finding]]:
    """The last state and all findings; after the signals numbered in `cuts` the state is written
    down and read again, as at the end of a batch."""
    state = rule.state()
    found: list[Finding] = []
    for n, seen in enumerate(signals):
        if rule.key(seen) is None:
            continue
        outcome = rule.step(state, seen, world)
        state = outcome.state
        found.extend(outcome.findings)
        if n in cuts:
            state = rule.state.model_validate_json(state.model_dump_json())
    return state, found
