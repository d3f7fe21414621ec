"""Problems with every tie, and the filters and orders said once more in Python."""

from datetime import timedelta
from random import Random

from shared.application.reads import (
    ProblemFilter,
    ProblemSort,
)
from shared.domain.deadlines import ClockKind, Deadline
from shared.domain.entry import Place
from shared.domain.escalation import Escalation, EscalationLevel
from shared.domain.problem import OPEN, Problem, Severity, Status
from shared.domain.verification import Earlier, Recurrence
from tests.contract.samples import problem
from tests.integration.reads.world import NOW

_PRESSED = [Escalation(level=level, since=NOW, raised=()) for level in EscalationLevel]
_BEFORE = Recurrence(
    within_30=0, within_90=1, last=Earlier(id="p0", number="扬尘-2026-00000", found_at=NOW)
)


def _clock(draw: Random) -> Deadline:
    at = NOW + timedelta(hours=draw.randrange(-3, 4))
    paused = draw.choice([None, None, NOW])
    return Deadline(
        kind=ClockKind.RESPOND, owner="unit", allowance=None, began_at=NOW, due_at=at,
        remind_at=at, paused_at=paused,
    )  # fmt: skip


def some_problems(number: int, seed: int) -> list[Problem]:
    """Problems that share moments, codes and severities, so that every tie occurs."""
    draw = Random(seed)
    places = [
        Place(lon=116.2 + draw.random() / 5, lat=34.9 + draw.random() / 5, town="370828103")
        for _ in range(number)
    ]
    return [
        problem(
            f"p{draw.randrange(10**9):09d}-{n}",
            number=f"扬尘-2026-{n:05}",
            line=draw.choice(["dust", "coal", "coordination"]),
            status=draw.choice(list(Status)),
            severity=draw.choice(list(Severity)),
            category=draw.choice(["bare_soil", "mine", "other"]),
            source=draw.choice(["report", "patrol"]),
            clause=draw.choice([None, "14.1", "15.1"]),
            town=draw.choice([None, "370828103", "370828101"]),
            unit=draw.choice([None, "housing", "transport"]),
            co_units=draw.choice([(), ("transport",), ("water", "housing")]),
            title=draw.choice(["工地裸土未覆盖", "渣土车未密闭", "石料堆场扬尘", "PM10 超标"]),
            description="",
            location=places[n] if draw.random() < 0.8 else Place(address="城东工地"),
            reported_at=NOW - timedelta(minutes=draw.randrange(20)),
            updated_at=NOW - timedelta(minutes=draw.randrange(5)),
            clocks=draw.choice([(), (_clock(draw),), (_clock(draw), _clock(draw))]),
            closed_at=draw.choice([None, NOW - timedelta(days=draw.randrange(40))]),
            reopened=draw.choice([0, 0, 1]),
            escalation=draw.choice([None, *_PRESSED]),
            recurrence=draw.choice([None, None, _BEFORE]),
            due_at=draw.choice([None, NOW + timedelta(hours=draw.randrange(-3, 4))]),
        )
        for n in range(number)
    ]


def passes(found: Problem, which: ProblemFilter) -> bool:
    """The filter said once more, on the entry itself."""
    units = {found.unit, found.town, *found.co_units}
    place, box = found.location, which.within
    text = f"{found.title} {found.description} {place.address or ''}".lower()
    inside = box is None or (
        place.lon is not None
        and place.lat is not None
        and box.west <= place.lon <= box.east
        and box.south <= place.lat <= box.north
    )
    return (
        (not which.lines or found.line in which.lines)
        and (not which.statuses or found.status in which.statuses)
        and (not which.severities or found.severity in which.severities)
        and (not which.towns or found.town in which.towns)
        and (not which.departments or found.unit in which.departments)
        and (not which.units or bool(units & set(which.units)))
        and (not which.categories or found.category in which.categories)
        and (not which.sources or found.source in which.sources)
        and (not which.clauses or found.clause in which.clauses)
        and all(token in text for token in which.tokens)
        and which.overdue in (None, found.is_overdue(NOW))
        and which.open in (None, found.status in OPEN)
        and (which.reported_from is None or found.reported_at >= which.reported_from)
        and (which.reported_before is None or found.reported_at < which.reported_before)
        and (
            which.closed_from is None
            or bool(found.closed_at and found.closed_at >= which.closed_from)
        )
        and (
            which.closed_before is None
            or bool(found.closed_at and found.closed_at < which.closed_before)
        )
        and (not which.levels or bool(found.escalation and found.escalation.level in which.levels))
        and (
            which.recurring is None
            or which.recurring == (found.reopened > 0 or found.recurrence is not None)
        )
        and (which.updated_since is None or found.updated_at >= which.updated_since)
        and (not which.ids or found.id in which.ids)
        and (not which.numbers or found.number in which.numbers)
        and inside
    )


_RANK = {Severity.GENERAL: 1, Severity.SERIOUS: 2, Severity.CRITICAL: 3}


def ordered(problems: list[Problem], sort: ProblemSort) -> list[Problem]:
    """The order said once more: ids go the way of the moment before them."""
    by_id = sorted(problems, key=lambda p: p.id)
    newest = sorted(by_id, key=lambda p: (p.reported_at, p.id), reverse=True)
    with_due = [p for p in by_id if p.due_at is not None]
    without = [p for p in newest if p.due_at is None]
    match sort:
        case ProblemSort.NEWEST:
            return newest
        case ProblemSort.OLDEST:
            return newest[::-1]
        case ProblemSort.DUE_FIRST:
            return sorted(with_due, key=lambda p: (str(p.due_at), p.id)) + without
        case ProblemSort.NEXT_DUE:
            running = [p for p in by_id if p.next_due_at is not None]
            idle = [p for p in newest if p.next_due_at is None]
            return sorted(running, key=lambda p: (str(p.next_due_at), p.id)) + idle
        case ProblemSort.DUE_LAST:
            last = sorted(with_due, key=lambda p: (str(p.due_at), p.id), reverse=True)
            return last + without
        case ProblemSort.MILDEST:
            return sorted(newest, key=lambda p: _RANK[p.severity])
        case ProblemSort.GRAVEST:
            return sorted(newest, key=lambda p: -_RANK[p.severity])
        case ProblemSort.LEAST_RECENT:
            return sorted(by_id, key=lambda p: (p.updated_at, p.id))
        case ProblemSort.MOST_RECENT:
            return sorted(by_id, key=lambda p: (p.updated_at, p.id), reverse=True)
