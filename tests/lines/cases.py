"""Golden cases: what a line hears, and in a clerk's words what should come of it.

A case is data. Whatever is found is besides held against the county: its category, clause,
department, source and unit must be known, and nothing may give a plate away in title or key.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from shared.declaration.line import Line
from shared.declaration.rule import Facts, Rule
from shared.declaration.signal import FollowedData, Observed, SignalData
from shared.domain.finding import Finding, FindingKind
from shared.domain.quantities import QUANTITIES
from tests.lines.facts import county_facts
from tests.lines.playing import Beside

T0 = datetime.fromisoformat("2026-11-20T00:00:00+08:00")
"""Hour 0 of all cases: a midnight in the heating season."""


@dataclass(frozen=True)
class Heard:
    """One signal: `hours` after T0, of this name (`dust.site-monitor`), with these fields."""

    hours: float
    name: str
    fields: dict[str, Any]


def heard(hours: float, name: str, **fields: Any) -> Heard:
    return Heard(hours, name, fields)


@dataclass(frozen=True)
class Case:
    says: str
    """What should happen, as a clerk would say it: the test's name."""
    rule: str
    signals: tuple[Heard, ...]
    finds: tuple[str, ...] = ()
    """`serious exceed`, or `clear exceed`: in the order of the signals."""
    has: str = ""
    """What the last finding's title or description must say."""
    until: float | None = None
    """The clock goes on to so many hours after T0."""
    blackout: tuple[float, float] | None = None
    """(from, to) hours after T0, for all devices."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What else the county knows: `stations` and `known` places by id, fields of `Beside`."""

    def __str__(self) -> str:
        return self.says


def case(says: str, rule: str, *signals: Any, **more: Any) -> Case:
    """`signals` may be nested as deep as is handy."""
    finds = more.pop("finds", ())
    return Case(
        says,
        rule,
        tuple(_flat(signals)),
        (finds,) if isinstance(finds, str) else tuple(finds),
        **more,
    )


def _flat(given: Any) -> Iterator[Heard]:
    if isinstance(given, Heard):
        yield given
    else:
        for one in given:
            yield from _flat(one)


@dataclass(frozen=True)
class _DarkFacts(Beside):
    dark: tuple[datetime, datetime] | None = None
    stations: tuple[Any, ...] = ()
    known: dict[str, Any] = field(default_factory=dict)

    def blacked_out(self, line: str, signal: str, device: str, at: datetime) -> bool:
        return self.dark is not None and self.dark[0] <= at < self.dark[1]

    def place(self, id_: str) -> Any:
        return self.known.get(id_) or self.facts.place(id_)

    def places(self, kind: str) -> tuple[Any, ...]:
        return self.stations if kind == "stations" else self.facts.places(kind)


def observed(line: Line, one: Heard, base: dict[str, dict[str, Any]]) -> Observed:
    """The signal as the engine would hand it over; `base` fills in what a case leaves out."""
    owner, _, code = one.name.partition(".")
    signal = line.signal(code) if owner == line.key else None
    model: type[SignalData] = signal.model if signal else FollowedData
    at = (T0 + timedelta(hours=one.hours)).isoformat()
    said = {"observed_at": at, **base.get(one.name, {}), **one.fields}
    return Observed(owner, code, model.model_validate_json(orjson.dumps(said)))


def found(line: Line, given: Case, base: dict[str, dict[str, Any]]) -> list[Finding]:
    """What the case's rule finds; a wake comes when its time has come by the signals' own."""
    rule = next(rule for rule in line.rules if rule.code == given.rule)
    dark = given.blackout
    window = (T0 + timedelta(hours=dark[0]), T0 + timedelta(hours=dark[1])) if dark else None
    facts = _DarkFacts(county_facts(), dark=window, **given.facts)
    end = None if given.until is None else T0 + timedelta(hours=given.until)
    return list(run(rule, (observed(line, one, base) for one in given.signals), facts, end))


def run(
    rule: Rule[Any], signals: Iterable[Observed], facts: Facts, until: datetime | None = None
) -> Iterator[Finding]:
    """Folds signals with every state written down and read again after each step."""
    states: dict[str, Any] = {}
    wakes: dict[str, datetime] = {}

    def kept(key: str, outcome: Any) -> Iterator[Finding]:
        states[key] = rule.state.model_validate_json(outcome.state.model_dump_json())
        assert states[key] == outcome.state
        wakes.pop(key, None)
        if outcome.wake_at is not None:
            wakes[key] = outcome.wake_at
        yield from outcome.findings

    def woken(now: datetime) -> Iterator[Finding]:
        while due := sorted((at, key) for key, at in wakes.items() if at <= now):
            at, key = due[0]
            assert rule.wake is not None, f"{rule.code} asks to be woken and cannot be"
            yield from kept(key, rule.wake(states[key], at, facts))

    clock: datetime | None = None
    for seen in signals:
        clock = max(clock or seen.data.observed_at, seen.data.observed_at)
        yield from woken(clock)
        if seen.name not in rule.reads:
            continue
        key = rule.key(seen)
        if key is not None:
            yield from kept(key, rule.step(states.get(key, rule.state()), seen, facts))
    if until is not None:
        yield from woken(until)


def in_words(finding: Finding) -> str:
    clear = finding.kind is FindingKind.CLEAR
    return f"{'clear' if clear else finding.severity.value} {finding.category}"


def check(line: Line, given: Case, base: dict[str, dict[str, Any]]) -> None:
    """Raises AssertionError where the rule does otherwise than the case says."""
    findings = found(line, given, base)
    assert tuple(in_words(finding) for finding in findings) == given.finds
    if given.has:
        assert given.has in f"{findings[-1].title} {findings[-1].description}"
    rule = next(rule for rule in line.rules if rule.code == given.rule)
    plates = [one.fields["plate"] for one in given.signals if "plate" in one.fields]
    for finding in findings:
        _fits(line, rule, finding)
        for plate in plates:
            assert plate not in finding.title and plate not in finding.subject


def _fits(line: Line, rule: Rule[Any], finding: Finding) -> None:
    county = county_facts()._county
    assert finding.rule == rule.code and finding.category in rule.categories
    assert finding.source in {term.code for term in line.sources}
    assert finding.clause is not None and county.clause(finding.clause) is not None
    assert finding.department is None or county.department(finding.department) is not None
    assert (finding.proof is not None) == (finding.kind is FindingKind.CLEAR)
    if finding.reading is not None:
        assert QUANTITIES[finding.reading.quantity][0] == finding.reading.unit
    Finding.model_validate_json(finding.model_dump_json())


def every_rule_is_told(line: Line, cases: Iterable[Case]) -> None:
    """Each rule raises in some case and holds its tongue in another."""
    cases = list(cases)
    for rule in line.rules:
        raised = [given for given in cases if given.rule == rule.code and given.finds]
        silent = [given for given in cases if given.rule == rule.code and not given.finds]
        assert raised, f"{rule.code} 没有应当发现问题的用例"
        assert silent, f"{rule.code} 没有不应当发现问题的用例"
