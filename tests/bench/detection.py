"""How much of what was planted is found, and how much is found that was not there.

    python -m tests.bench.detection [DAYS] [SEED …]

Simulated counties (`deploy/simulation`) are played through all lines in memory: the same rules,
joiner and handler as the services. Prints recall, precision, problems an incident, and every miss
and false problem one by one.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from deploy.lines import all_lines
from deploy.simulation.county import SimulatedCounty
from deploy.simulation.event import Simulated
from deploy.simulation.truth import Incident
from shared.adapters.pack import load_pack
from shared.declaration.line import Line
from shared.declaration.signal import Observed
from shared.domain.geo import Point, distance_m
from shared.domain.problem import Problem
from shared.runtime.rehearsal.rehearsal import Arrival, Rehearsal
from tests.lines.facts import PACK

START = datetime(2026, 10, 12, tzinfo=UTC)
"""In the maize harvest, before the heating season."""
SAW = frozenset({"registered", "joined", "relapsed"})


@dataclass
class Score:
    planted: list[Incident] = field(default_factory=list)
    missed: list[Incident] = field(default_factory=list)
    true: list[tuple[str, Problem]] = field(default_factory=list)
    false: list[tuple[str, Problem]] = field(default_factory=list)
    referred: int = 0
    signals: int = 0
    seconds: float = 0.0

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / max(len(self.planted), 1)

    @property
    def precision(self) -> float:
        return len(self.true) / max(len(self.true) + len(self.false), 1)

    @property
    def per_incident(self) -> float:
        return len(self.true) / max(len(self.planted) - len(self.missed), 1)


def arrival(event: Simulated, lines: dict[str, Line]) -> Arrival:
    signal = lines[event.line].signal(event.signal)
    assert signal is not None, f"{event.line} has no {event.signal}"
    observed = Observed(event.line, event.signal, signal.model.model_validate(event.data))
    return Arrival(event.at, observed, event.device, event.id)


async def score(seed: int, days: int) -> Score:
    """Play one county and compare."""
    begun = time.perf_counter()
    county = SimulatedCounty(seed, START, days)
    lines = {line.key: line for line in all_lines()}
    played = Rehearsal(tuple(lines.values()), load_pack(PACK))
    found = Score(planted=list(county.truth))

    def arrivals() -> Iterator[Arrival]:
        for event in county.events():
            found.signals += 1
            yield arrival(event, lines)

    await played.play(arrivals())
    await played.pass_time(county.span.end)
    _compare(found, played)
    found.seconds = time.perf_counter() - begun
    return found


def _compare(found: Score, played: Rehearsal) -> None:
    problems = {problem.id: (line, problem) for line, problem in played.problems}
    matched: set[str] = set()
    for incident in found.planted:
        seen = False
        for told in played.lines[incident.line].told:
            if told.outcome not in SAW or told.problem is None:
                continue
            line, problem = problems[told.problem]
            in_time = incident.begin <= told.seen_at <= incident.end + incident.grace
            if in_time and is_about(problem, incident):
                seen = True
                matched.add(problem.id)
        if not seen:
            found.missed.append(incident)
    for id_, (line, problem) in problems.items():
        if id_ in matched:
            found.true.append((line, problem))
        elif problem.parent is not None:
            found.referred += 1
        else:
            found.false.append((line, problem))


def is_about(problem: Problem, incident: Incident) -> bool:
    if incident.category not in ("", problem.category):
        return False
    if problem.origin is not None and problem.origin.subject in incident.subjects:
        return True
    here = problem.location
    if incident.lon is None or incident.lat is None or here.lon is None or here.lat is None:
        return False
    away = distance_m(Point(here.lon, here.lat), Point(incident.lon, incident.lat))
    return away <= incident.metres


def told_of(line: str, problem: Problem) -> str:
    origin = problem.origin
    return (
        f"{line} {problem.category} {problem.title} · {origin.rule if origin else ''}"
        f" {origin.subject if origin else ''} · {problem.reported_at:%m-%d %H:%M}Z"
    )


def report(seed: int, days: int, one: Score) -> None:
    print(
        f"seed {seed}: {days} days, {one.signals} signals in {one.seconds:.0f} s; "
        f"{len(one.planted)} incidents, {len(one.missed)} missed, "
        f"{len(one.true) + len(one.false)} problems, {len(one.false)} false, "
        f"{one.referred} referred: recall {one.recall:.3f}, precision {one.precision:.3f}, "
        f"{one.per_incident:.2f} problems an incident"
    )
    planted = Counter(incident.line for incident in one.planted)
    missed = Counter(incident.line for incident in one.missed)
    false = Counter(line for line, _ in one.false)
    for line in sorted(planted.keys() | false.keys()):
        print(
            f"  {line:12} {planted[line]:4} planted {missed[line]:3} missed {false[line]:3} false"
        )
    for incident in one.missed:
        print(f"  missed {incident.id}: {incident.why}, {incident.begin:%m-%d %H:%M}Z on")
    for line, problem in one.false:
        print(f"  false  {told_of(line, problem)}")


async def main(days: int, seeds: list[int]) -> None:
    for seed in seeds:
        report(seed, days, await score(seed, days))


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:]]
    asyncio.run(main(numbers[0] if numbers else 10, numbers[1:] or [1, 2, 3]))
