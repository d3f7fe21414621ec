"""How the work stands, counted by the database and once more by hand."""

from collections import Counter
from datetime import timedelta

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.reads import MongoReads
from shared.domain.problem import OPEN
from shared.domain.task import Indicator, TaskStatus
from tests.integration.reads.problems import some_problems
from tests.integration.reads.world import NOW, TODAY, put, task

DAY = timedelta(days=1)


def _share(latest: float | None, target: float = 100, name: str = "清洁取暖率") -> Indicator:
    return Indicator(name=name, operator=">=", target=target, unit="%", latest=latest)


async def test_problems_are_counted_by_how_hard_they_are_pressed(database: Database) -> None:
    problems = some_problems(300, seed=8)
    await put(database, problems)
    wanted = Counter(
        (p.line, p.escalation.level.value) for p in problems if p.escalation and p.status in OPEN
    )
    assert len(wanted) > 10, "the sample has every level"
    assert (await MongoReads(database).standing(NOW)).escalated == wanted


async def test_tasks_are_counted_as_they_stand_today(database: Database) -> None:
    await put(
        database,
        [
            task("T1"),
            task("T2", due=TODAY - DAY),
            task("T3", due=TODAY),
            task("T4", line="coal", done_on=TODAY),
            task("T5", ended_on=TODAY),
            task("T6", ended_on=TODAY + DAY, said_behind=True),
        ],
    )
    found = await MongoReads(database).standing(NOW)
    assert found.tasks == {
        ("dust", TaskStatus.NOT_STARTED): 2,
        ("dust", TaskStatus.OVERDUE_UNMET): 1,
        ("dust", TaskStatus.BEHIND): 1,
        ("coal", TaskStatus.DONE): 1,
    }


async def test_numbers_of_the_plan_as_a_share_of_their_target(database: Database) -> None:
    await put(
        database,
        [
            task("T1", indicator=_share(50)),
            task("T2", indicator=_share(80), town="370828103"),
            task("T3", indicator=_share(30), town="370828103"),
            task("T4", indicator=_share(None, name="还没有数")),
            task("T5", indicator=_share(90, name="已终止"), ended_on=TODAY),
        ],
    )
    assert (await MongoReads(database).standing(NOW)).indicators == {
        ("dust", "14.1", "清洁取暖率", ""): 0.5,
        ("dust", "14.1", "清洁取暖率", "370828103"): 0.3,
    }


async def test_the_counts_go_by_index(database: Database) -> None:
    """What is closed, and a task that ended long ago, cost nothing: keys looked at, not entries."""
    problems = some_problems(400, seed=9)
    ended = [task(f"E{n}", ended_on=TODAY - 300 * DAY) for n in range(200)]
    await put(database, [*problems, *ended, task("T1")])
    plans = {
        "pressed": {"find.open": True, "entry.escalation.level": {"$in": ["listed"]}},
        "tasks_in_force": {"entry.kind": "task", "entry.ended_on": None},
    }
    for index, query in plans.items():
        said = await database.entries.find(query).explain()
        assert index in str(said["queryPlanner"]["winningPlan"]), said["queryPlanner"]
