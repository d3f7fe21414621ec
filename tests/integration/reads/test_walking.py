"""Walking a list while others write: nothing is skipped and nothing met twice."""

import asyncio
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.adapters.mongo.client import Database, connect
from shared.adapters.mongo.documents import entry_document
from shared.adapters.mongo.reads import MongoReads
from shared.application.reads import (
    Page,
    Position,
    ProblemFilter,
    ProblemSort,
)
from shared.domain.problem import Problem
from tests.contract.samples import problem
from tests.integration.reads.problems import ordered, some_problems
from tests.integration.reads.world import NOW, county, put, walked

changes_while_walking = st.lists(
    st.tuples(
        st.integers(0, 6), st.sampled_from(["new", "touch", "due", "gone"]), st.integers(0, 999)
    ),
    max_size=12,
)


@given(
    seed=st.integers(0, 10**6),
    sort=st.sampled_from(ProblemSort),
    limit=st.integers(1, 5),
    steps=changes_while_walking,
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_nobody_changes_is_met_exactly_once_while_others_write(
    mongo_url: str,
    ns: str,
    seed: int,
    sort: ProblemSort,
    limit: int,
    steps: list[tuple[int, str, int]],
) -> None:
    asyncio.run(_walk_while_others_write(mongo_url, f"{ns}_walk", seed, sort, limit, steps))


async def _walk_while_others_write(
    mongo_url: str,
    name: str,
    seed: int,
    sort: ProblemSort,
    limit: int,
    steps: list[tuple[int, str, int]],
) -> None:
    client = connect(mongo_url)
    try:
        database = client[name]
        await database.entries.delete_many({})
        problems = some_problems(20, seed)
        await put(database, problems)
        reads, changed, pages = MongoReads(database), set[str](), 0

        async def turn(after: Position | None) -> Page[Problem]:
            nonlocal pages
            page = await reads.problems(ProblemFilter(), sort, NOW, limit, after)
            for when, what, number in steps:
                if when == pages:
                    changed.add(await _disturb(database, problems, what, number))
            pages += 1
            return page

        met = [p.id for p in await walked(turn)]
        for unchanged in (p.id for p in problems if p.id not in changed):
            assert met.count(unchanged) == 1
        if not changed:
            assert met == [p.id for p in ordered(problems, sort)]
    finally:
        client.close()


async def _disturb(database: Database, problems: list[Problem], what: str, number: int) -> str:
    """Another writer at work; returns the id that it touched."""
    chosen = problems[number % len(problems)].id
    fresh = NOW - timedelta(minutes=number % 25)
    match what:
        case "new":
            new = problem(f"new-{number}", reported_at=fresh, updated_at=fresh, due_at=fresh)
            document = entry_document(new, 1, county())
            await database.entries.replace_one({"_id": new.id}, document, upsert=True)
            return new.id
        case "touch":
            update: dict[str, Any] = {"entry.updated_at": NOW, "entry.severity": "critical"}
        case "due":
            update = {"entry.due_at": fresh if number % 2 else None}
        case _:
            await database.entries.delete_one({"_id": chosen})
            return chosen
    await database.entries.update_one({"_id": chosen}, {"$set": update})
    return chosen
