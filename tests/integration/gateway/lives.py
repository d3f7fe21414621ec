"""Random lives of problems: sequences of versions with every field that counts are cut by."""

import random
from datetime import timedelta

from shared.domain.entry import Place
from shared.domain.problem import Problem, Severity, Status
from tests.contract.samples import START, after, problem

TOWNS = ("370828105", "370828104", None)
UNITS = ("housing", "transport", None)


def life(rng: random.Random, entry_id: str, versions: int, line: str = "dust") -> list[Problem]:
    """Versions 1 to `versions`; the first is registered, the others are anything."""
    town = rng.choice(TOWNS)
    reported = START - timedelta(minutes=rng.randrange(60 * 24 * 40))
    entry = problem(
        entry_id,
        line=line,
        number=f"扬尘-2026-{rng.randrange(99999):05d}",
        reported_at=reported,
        location=Place(lon=116.31, lat=35.07, town=town),
        town=town,
        due_at=reported + timedelta(days=rng.randrange(1, 30)) if rng.random() < 0.7 else None,
    )
    found = [entry]
    states = [s for s in Status if s is not Status.MOVED]
    while len(found) < versions:
        status = rng.choice(states)
        closed = (
            reported + timedelta(minutes=rng.randrange(60 * 24 * 35))
            if status is Status.CLOSED
            else None
        )
        entry = after(
            entry,
            status=status,
            closed_at=closed,
            unit=rng.choice(UNITS),
            severity=rng.choice(list(Severity)),
        )
        found.append(entry)
    return found


def moved(rng: random.Random, entry_id: str) -> tuple[list[Problem], list[Problem]]:
    """A problem that moves from dust to mobile: (the source's versions, the target's)."""
    before = life(rng, entry_id, 3)
    stub = after(before[-1], status=Status.MOVED, moved_to="mobile", closed_at=None)
    first = after(stub, line="mobile", status=Status.REGISTERED, moved_to=None, moved_from="dust")
    second = after(first, status=Status.ASSIGNED, unit="transport")
    return [*before, stub], [first, second]
