"""How tasks stand is computed in the query exactly as in the domain."""

import asyncio
from datetime import timedelta
from functools import partial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.adapters.mongo.client import connect
from shared.adapters.mongo.reads import MongoReads
from shared.application.reads import (
    TaskFilter,
)
from shared.domain.task import Indicator, Task, TaskStatus
from tests.integration.reads.world import TODAY, put, task, walked

days = st.dates(TODAY - timedelta(days=60), TODAY + timedelta(days=60))
round_numbers = st.sampled_from([0.0, 1.0, 10.0, 35.5, 100.0])
numbers = st.none() | round_numbers | st.floats(-1000, 1000)
operators = st.sampled_from([">=", "<=", "=", "by"])
anything = st.builds(
    task,
    id_=st.just("T"),
    indicator=st.none()
    | st.builds(
        Indicator,
        name=st.just("达标率"),
        operator=operators,
        target=numbers,
        baseline=numbers,
        latest=numbers,
    ),
    starts=days,
    due=st.none() | days,
    report_count=st.integers(0, 2),
    said_behind=st.booleans(),
    done_on=st.none() | st.none() | days,
    ended_on=st.none() | st.none() | days,
)


@st.composite
def on_the_way(draw: st.DrawFn) -> Task:
    """A running task with a straight line from its baseline, near where lagging begins; or one
    whose baseline is its target, so that only the level counts."""
    baseline, target = draw(round_numbers), draw(round_numbers)
    gone, rest = draw(st.integers(0, 40)), draw(st.integers(0, 40))
    share = gone / max(gone + rest, 1) - draw(st.sampled_from([0, 0.05, 0.1, 0.15, 0.3]))
    latest = baseline + share * (target - baseline)
    indicator = Indicator(
        name="达标率",
        operator=draw(operators),
        target=target,
        baseline=baseline,
        latest=draw(st.sampled_from([latest, 0.0, target])),
    )
    return task(
        "T",
        indicator=indicator,
        starts=TODAY - timedelta(days=gone),
        due=TODAY + timedelta(days=rest),
        report_count=draw(st.integers(0, 1)),
    )


tasks = anything | on_the_way()


@given(st.lists(tasks, min_size=20, max_size=60))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_task_stands_in_the_query_as_in_the_domain(
    mongo_url: str, ns: str, drawn: list[Task]
) -> None:
    asyncio.run(_same_status(mongo_url, f"{ns}_tasks", drawn))


async def _same_status(mongo_url: str, name: str, drawn: list[Task]) -> None:
    client = connect(mongo_url)
    try:
        await client[name].entries.delete_many({})
        held = [task.model_copy(update={"id": f"T{n}"}) for n, task in enumerate(drawn)]
        await put(client[name], held)
        reads = MongoReads(client[name])
        for status in TaskStatus:
            which = TaskFilter(statuses=(status,))
            met = await walked(partial(reads.tasks, which, TODAY, 7))
            assert {t.id for t in met} == {t.id for t in held if t.status(TODAY) is status}, status
            assert await reads.count_tasks(which, TODAY) == len(met)
    finally:
        client.close()
