"""A hundred thousand problems, as ledgers hold them that have been kept for two years."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from shared.declaration.county.county import County
from shared.domain.entry import Place
from shared.domain.escalation import Escalation, EscalationLevel
from shared.domain.problem import Problem, Severity, Status
from tests.contract.samples import problem

_PLACES = ("城东工地", "诚信大道", "王杰路南段", "金济河东岸", "高铁站北", "蒜都冷库园区")
_WHAT = ("裸土未覆盖", "渣土车未密闭", "秸秆焚烧", "散煤复燃", "油烟扰民", "堆场扬尘")
_RUNNING = [status for status in Status if status is not Status.CLOSED]
_PRESSED = (None, None, None, *EscalationLevel)


def many_problems(
    county: County, lines: Sequence[str], count: int, now: datetime
) -> Iterator[Problem]:
    """Nine of ten are closed, the others in any other state; the same for the same arguments. No
    clock runs, so no sweeper will touch them."""
    draw = Random(7)
    return (_one(draw, county, lines, number, now) for number in range(count))


def _one(draw: Random, county: County, lines: Sequence[str], number: int, now: datetime) -> Problem:
    reported = now - timedelta(seconds=draw.randrange(2 * 365 * 86_400))
    where, what = draw.choice(_PLACES), draw.choice(_WHAT)
    status = Status.CLOSED if draw.random() < 0.9 else draw.choice(_RUNNING)
    updated = min(now, reported + timedelta(hours=draw.randrange(24, 20 * 24)))
    level = draw.choice(_PRESSED)
    return problem(
        str(UUID(int=draw.getrandbits(128), version=4)),
        line=draw.choice(lines),
        number=f"扬尘-2026-{number:05d}",
        status=status,
        severity=draw.choices(list(Severity), (80, 15, 5))[0],
        title=f"{where}{what}",
        description=f"巡查发现{where}{what},要求立即整改并报送照片",
        town=draw.choice(county.towns).code,
        unit=draw.choice(county.departments).code,
        location=Place(lon=116.1 + draw.random() * 0.4, lat=34.85 + draw.random() * 0.4),
        reported_at=reported,
        updated_at=updated,
        closed_at=updated if status is Status.CLOSED else None,
        due_at=reported + timedelta(days=15) if draw.random() < 0.9 else None,
        escalation=Escalation(level=level, since=updated, raised=()) if level else None,
    )
