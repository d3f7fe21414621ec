"""Plays signals through a rule as the engine does, with its state written down after every step."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.declaration.rule import Facts, Limit, Rule
from shared.declaration.signal import Observed, SignalData
from shared.domain.finding import Finding, FindingKind
from shared.domain.geo import Point, distance_m


@dataclass
class Played:
    """What a rule found, and what it remembers under each key."""

    findings: list[Finding] = field(default_factory=list)
    states: dict[str, Any] = field(default_factory=dict)
    wake_at: dict[str, datetime | None] = field(default_factory=dict)

    @property
    def kinds(self) -> list[str]:
        return [finding.kind.value for finding in self.findings]


def play(
    rule: Rule[Any],
    signals: Iterable[SignalData],
    facts: Facts,
    *,
    signal: str | None = None,
    names: dict[type[SignalData], str] | None = None,
    until: datetime | None = None,
) -> Played:
    """Fold `signals` in their order, then wake every state that asks for it up to `until`.

    `signal` names them all where the rule reads several; `names` does by type.
    """
    played = Played()
    only = signal or (next(iter(rule.reads)) if len(rule.reads) == 1 else None)
    for data in signals:
        name = (names or {}).get(type(data)) or only
        assert name in rule.reads, f"{rule.code} does not read {name}"
        line, _, code = name.partition(".")
        observed = Observed(line, code, data)
        key = rule.key(observed)
        if key is None:
            continue
        state = played.states.get(key, rule.state())
        _took(played, rule, key, rule.step(state, observed, facts))
    while until is not None:
        due = [(at, key) for key, at in played.wake_at.items() if at is not None and at <= until]
        if not due:
            break
        at, key = min(due)
        assert rule.wake is not None
        _took(played, rule, key, rule.wake(played.states[key], at, facts))
    return played


def _took(played: Played, rule: Rule[Any], key: str, outcome: Any) -> None:
    # As it lies in the database: what does not survive that is not remembered.
    written = outcome.state.model_dump(mode="json")
    played.states[key] = rule.state.model_validate(written)
    for found in outcome.findings:
        cleared = found.kind is FindingKind.CLEAR and found.reading is not None
        assert rule.proves or not cleared, f"{rule.code} clears readings and does not say so"
    assert played.states[key] == outcome.state
    played.findings.extend(outcome.findings)
    played.wake_at[key] = outcome.wake_at


@dataclass(frozen=True)
class Beside:
    """The county's facts with something else said beside them."""

    facts: Facts
    heat: tuple[tuple[float, float, float], ...] = ()
    """(lon, lat, metres)"""
    blackouts: tuple[tuple[str, datetime, datetime], ...] = ()
    """(device, since, until)"""
    everywhere: bool = False
    """Whether the county is the whole world."""
    numbers: dict[str, float] = field(default_factory=dict)
    limits: dict[str, Limit | None] = field(default_factory=dict)

    def limit(self, limit_id: str, at: datetime) -> Limit | None:
        return self.limits[limit_id] if limit_id in self.limits else self.facts.limit(limit_id, at)

    def number(self, rule: str, name: str) -> float:
        return self.numbers.get(name, self.facts.number(rule, name))

    def town_of(self, lon: float, lat: float) -> str | None:
        return self.facts.town_of(lon, lat)

    def contains(self, lon: float, lat: float) -> bool:
        return self.everywhere or self.facts.contains(lon, lat)

    def known_heat_source(self, lon: float, lat: float) -> str | None:
        near = (
            distance_m(Point(lon, lat), Point(there[0], there[1])) <= there[2]
            for there in self.heat
        )
        return "已知热源" if any(near) else None

    def blacked_out(self, line: str, signal: str, device: str, at: datetime) -> bool:
        return any(who == device and since <= at < until for who, since, until in self.blackouts)

    def place(self, id_: str) -> Any:
        return self.facts.place(id_)

    def places(self, kind: str) -> tuple[Any, ...]:
        return self.facts.places(kind)

    def lead_of(self, line: str) -> str | None:
        return self.facts.lead_of(line)
