"""A rule: remembered state + signal → new state + findings. Pure, and replayed at will.

A rule must give the same from the same signals however they are cut into batches. It never looks at
a clock: time is the signals' own, except in `wake`, which is told the time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, Self, TypeVar

from pydantic import BaseModel, ConfigDict

from shared.declaration.signal import Observed
from shared.domain.entry import Kind
from shared.domain.finding import Finding


class Remembered(BaseModel):
    """A part of a state."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's, without its care for what no state has (private and extra members): rules
        do little else than this. `python -m tests.bench.fold` shows what it costs."""
        if deep:
            return super().model_copy(update=update, deep=True)
        changed = update or {}
        copy = self.__class__.__new__(self.__class__)
        keep = object.__setattr__
        keep(copy, "__dict__", {**self.__dict__, **changed})
        keep(copy, "__pydantic_fields_set__", {*self.__pydantic_fields_set__, *changed})
        keep(copy, "__pydantic_extra__", None)
        keep(copy, "__pydantic_private__", None)
        return copy


class State(Remembered):
    """What a rule remembers under one key. Keep it small: it is written with every batch."""


S = TypeVar("S", bound=State)


class Limit(Protocol):
    """A limit as the county's standards hold it."""

    @property
    def value(self) -> float: ...
    @property
    def unit(self) -> str: ...
    @property
    def standard(self) -> str | None: ...

    def meets(self, value: float, unit: str) -> bool:
        """Whether a reading makes the event (the limit knows above from below)."""
        ...


class Facts(Protocol):
    """What the county knows that rules need."""

    def limit(self, limit_id: str, at: datetime) -> Limit | None:
        """The limit in force at that time; None on a day on which none holds. Raises KeyError for
        an id that the pack does not have."""
        ...

    def number(self, rule: str, name: str) -> float:
        """A number of the rule's in the county pack: hours, counts, factors. Raises KeyError."""
        ...

    def town_of(self, lon: float, lat: float) -> str | None:
        """Code of the town a WGS-84 position lies in or nearest to; None outside the county."""
        ...

    def contains(self, lon: float, lat: float) -> bool: ...

    def known_heat_source(self, lon: float, lat: float) -> str | None:
        """Name of a known heat source whose circle covers the position."""
        ...

    def blacked_out(self, line: str, signal: str, device: str, at: datetime) -> bool:
        """Whether the pack says to take no notice of this device at that time."""
        ...

    def place(self, id_: str) -> Any:
        """A station, site or enterprise of the pack's places by its id; None when unknown."""
        ...

    def places(self, kind: str) -> tuple[Any, ...]:
        """All `stations`, `sites` or `enterprises` of the pack."""
        ...

    def lead_of(self, line: str) -> str | None:
        """Code of the department that leads a line; None for an unknown line."""
        ...


@dataclass(frozen=True)
class Order:
    """A command that a rule gives to a line: `body` goes to entry `entry` of its ledgers.

    The same line, entry, name and serial is the same order, however often it is given.
    """

    line: str
    kind: Kind
    entry: str
    name: str
    body: dict[str, Any]
    serial: int = 0


@dataclass(frozen=True)
class Outcome(Generic[S]):
    """What one step gives. `wake_at` asks for `wake` at that time unless another step comes first;
    it is part of the state and holds until it is replaced or cleared by None."""

    state: S
    findings: tuple[Finding, ...] = ()
    wake_at: datetime | None = None
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True)
class Rule(Generic[S]):
    """One rule of one line."""

    code: str
    """`dust.pm10-over-county`: the line's key first."""
    zh: str
    en: str
    reads: frozenset[str]
    """Names of the signals it reads, `hotspot.station-hourly`; other lines' are followed."""
    state: type[S]
    key: Callable[[Observed], str | None]
    """Under which key it remembers: the device, a vehicle, a place, or the county (`""`).
    None: this signal does not concern it."""
    step: Callable[[S, Observed, Facts], Outcome[S]]
    wake: Callable[[S, datetime, Facts], Outcome[S]] | None = None
    categories: frozenset[str] = field(default_factory=frozenset)
    """Categories that its findings may have: held against the line's own."""
    proves: bool = False
    """Whether what it raises in its own line it also clears, once readings show that it is over."""

    @property
    def line(self) -> str:
        return self.code.split(".", 1)[0]


def by_device(observed: Observed) -> str:
    return observed.data.device_id


COUNTY_KEY = "county"


def by_county(_: Observed) -> str:
    return COUNTY_KEY
