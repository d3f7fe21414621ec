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
from tests.integration.reads.world import CLERK, NOW, TODAY, put, walked

days = st.dates(TODAY - timedelta(days=60), TODAY + timedelta(days=60))
numbers = st.none() | st.sampled_from([0.0, 1.0, 10.0, 35.5, 100.0]) | st.floats(-1000, 1000)
tasks = st.builds(
    Task,
    id=st.just("T"),
    line=st.just("dust"),
    version=st.just(1),
    created_at=st.just(NOW),
    updated_at=st.just(NOW),
    updated_by=st.just(CLERK),
    item=st.just("14"),
    clause=st.just("14.1"),
    text=st.just("工地扬尘管控"),
    department=st.just("housing"),
    indicator=st.none()
    | st.builds(
        Indicator,
        name=st.just("达标率"),
        operator=st.sampled_from([">=", "<=", "=", "by"]),
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


@given(st.lists(tasks, min_size=20, max_size=60))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
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
