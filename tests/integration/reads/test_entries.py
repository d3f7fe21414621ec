"""One entry, its history, the tallies, the generation, and a database that is away."""

import pytest

from shared.adapters.mongo.client import Database, connect
from shared.adapters.mongo.documents import change_document
from shared.adapters.mongo.ledger import MongoLedger
from shared.adapters.mongo.reads import MongoReads
from shared.application.ports import Unavailable
from shared.application.reads import (
    ProblemFilter,
    ProblemSort,
)
from shared.domain.entry import Kind
from shared.domain.problem import Problem, Status
from tests.contract.samples import applied, problem, started
from tests.contract.world import TurnedClock
from tests.integration.reads.problems import some_problems
from tests.integration.reads.world import NOW, county, put, task


async def test_one_entry_of_its_kind(database: Database) -> None:
    entry = problem("p1")
    await put(database, [entry])
    reads = MongoReads(database)
    assert await reads.entry(Kind.PROBLEM, "p1") == entry
    assert await reads.entry(Kind.TASK, "p1") is None
    assert await reads.entry(Kind.PROBLEM, "p2") is None


async def test_history_joins_what_is_filed_and_what_still_waits(database: Database) -> None:
    ledger = MongoLedger(database, county(), TurnedClock())
    held = await started(ledger)
    for version in range(2, 6):
        assert isinstance(held.entry, Problem)
        after = held.entry.model_copy(update={"version": version})
        assert await ledger.write(held, after, applied(after))
        held = type(held)(after, held.revision + 1)
    document = await database.entries.find_one({"_id": "p1"})
    assert document is not None
    # The relay has filed three and cleared two of them.
    changes = [item["change"] for item in document["outbox"]]
    await database.history.insert_many(
        [{**c, "_id": f"p1:{c['version']:08d}"} for c in changes[:3]]
    )
    await database.entries.update_one(
        {"_id": "p1"}, {"$pull": {"outbox": {"revision": {"$lte": 2}}}}
    )
    # Another entry's history lies beside it.
    other = applied(problem("p10")).change
    assert other is not None
    await database.history.insert_one(change_document(other))
    reads = MongoReads(database)
    assert [c.version for c in await reads.history("p1", 0, 50)] == [1, 2, 3, 4, 5]
    assert [c.version for c in await reads.history("p1", 0, 2)] == [1, 2]
    assert [c.version for c in await reads.history("p1", 3, 50)] == [4, 5]
    assert await reads.history("p1", 5, 50) == []
    assert await reads.history("nobody", 0, 50) == []


async def test_tallies_count_by_line_and_state(database: Database) -> None:
    problems = some_problems(150, seed=3)
    await put(database, [*problems, task("T1")])
    tallies = (await MongoReads(database).census(NOW)).tallies()
    for line in ("dust", "coal", "coordination"):
        own = [p for p in problems if p.line == line]
        for status in Status:
            count = len([p for p in own if p.status is status])
            assert tallies[line].by_status.get(status, 0) == count
        assert tallies[line].overdue == len([p for p in own if p.is_overdue(NOW)]) > 0


async def test_a_switch_of_generations_is_seen_at_the_next_call(database: Database) -> None:
    await put(database, [problem("old")], "_1")
    await put(database, [problem("new")], "_2")
    live = 1
    reads = MongoReads(database, lambda: f"_{live}")
    assert await reads.entry(Kind.PROBLEM, "old") is not None
    live = 2
    assert await reads.entry(Kind.PROBLEM, "old") is None
    page = await reads.problems(ProblemFilter(), ProblemSort.NEWEST, NOW, 5)
    assert [p.id for p in page.items] == ["new"]


async def test_a_database_that_is_away_is_unavailable() -> None:
    client = connect("mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=200")
    reads = MongoReads(client["nowhere"])
    try:
        with pytest.raises(Unavailable):
            await reads.problems(ProblemFilter(), ProblemSort.NEWEST, NOW, 5)
        with pytest.raises(Unavailable):
            await reads.census(NOW)
    finally:
        client.close()
