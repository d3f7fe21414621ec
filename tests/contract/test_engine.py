"""What only the real engine can show: which index serves, how large a document gets."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from bson import encode

from shared.adapters.mongo.client import Database, Document
from shared.adapters.mongo.documents import item_of
from shared.adapters.mongo.indexes import OUTBOX_INDEX, ensure_indexes
from shared.adapters.mongo.ledger import DOCUMENT_BYTES
from shared.application.ports import OUTBOX_LIMIT, OutboxFull
from shared.domain.actor import Actor, Role
from shared.domain.entry import Place
from shared.domain.problem import EVIDENCE_LIMIT, Evidence, Problem
from tests.contract.relay import relay_all
from tests.contract.samples import CLERK, START, after, applied, held, problem, started
from tests.contract.world import World

HELD, WAITING = 5_000, 40


@pytest.fixture
async def profiled(database: Database, engine: World) -> AsyncIterator[Database]:
    """A ledger of 5,000 entries of which 40 wait, with every command on record from here on."""
    documents: list[Document] = []
    for n in range(HELD):
        at = START + timedelta(seconds=n)
        entry = problem(f"p{n:05d}", reported_at=at, updated_at=at)
        document: Document = {"_id": entry.id, "revision": 1, "outbox": []}
        document["entry"] = {"kind": "problem", "version": 1, "reported_at": at}
        if n % (HELD // WAITING) == 0:
            document["outbox"] = [item_of(applied(entry), 1)]
        documents.append(document)
    await database.entries.insert_many(documents)
    await database.command("profile", 2)
    yield database
    await database.command("profile", 0)


async def _recorded(database: Database, command: str) -> list[Mapping[str, Any]]:
    # `$eq` on a field of ours: the profiler also records this very question.
    cursor = database["system.profile"].find(
        {"ns": f"{database.name}.entries", f"command.{command}": {"$exists": True}}
    )
    return await cursor.to_list(None)


async def test_the_relay_looks_only_at_what_waits(profiled: Database, engine: World) -> None:
    items = await engine.outbox.waiting(500)
    assert len(items) == WAITING
    assert [i.outgoing.at for i in items] == sorted(i.outgoing.at for i in items)
    assert await engine.outbox.backlog(100) == (WAITING, START)
    asked = [*await _recorded(profiled, "find"), *await _recorded(profiled, "aggregate")]
    assert len(asked) == 3, "waiting, oldest, count"
    for question in asked:
        assert "IXSCAN" in question["planSummary"], question["planSummary"]
        assert question["docsExamined"] <= WAITING, question
        assert question["keysExamined"] <= WAITING + 1, question
        assert not question.get("hasSortStage"), question


async def test_a_page_of_the_relay_costs_a_page(profiled: Database, engine: World) -> None:
    assert len(await engine.outbox.waiting(5)) == 5
    [question] = await _recorded(profiled, "find")
    assert question["docsExamined"] <= 5, question


async def test_answers_and_histories_are_found_by_index(profiled: Database, engine: World) -> None:
    assert await engine.ledger.answer("p00000-c1") is not None
    assert len(await engine.ledger.history("p00000", 0, 50)) == 1
    assert len(await engine.ledger.answers_of("p00000", 50)) == 1
    for question in await _recorded(profiled, "find"):
        assert question["docsExamined"] <= 1, question


async def test_the_default_list_needs_no_sort(profiled: Database) -> None:
    plan = await profiled.command(
        "explain",
        {
            "find": "entries",
            "filter": {"entry.kind": "problem"},
            "sort": {"entry.reported_at": -1, "_id": -1},
            "limit": 50,
        },
        verbosity="executionStats",
    )
    assert plan["executionStats"]["totalDocsExamined"] == 50
    assert '"SORT"' not in str(plan).replace("'", '"')


async def test_indexes_can_be_ensured_again_and_forget_in_time(database: Database) -> None:
    before = await database.entries.index_information()
    await ensure_indexes(database)
    assert await database.entries.index_information() == before
    assert before[OUTBOX_INDEX]["partialFilterExpression"] == {"outbox.0": {"$exists": True}}
    receipts = await database.receipts.index_information()
    assert receipts["filed_at_1"]["expireAfterSeconds"] == 30 * 86_400


def _heaviest() -> Problem:
    """Every list at its bound, every text at its longest, in three-byte characters."""
    who = Actor(id="人" * 80, role=Role.INSPECTOR, unit="housing", name="名" * 80)
    where = Place(lon=116.3, lat=35.0, address="址" * 300)
    evidence = tuple(
        Evidence(
            kind="after", sha256=f"{n:064x}", taken_at=START, location=where,
            attached_at=START, attached_by=who,
        )
        for n in range(EVIDENCE_LIMIT)
    )  # fmt: skip
    return problem("heavy", evidence=evidence, description="述" * 4000, updated_by=who)


async def test_documents_stay_bounded(database: Database, engine: World) -> None:
    """The heaviest entry there can be fills its document to the bound, and not beyond."""
    heavy = _heaviest()
    await started(engine.ledger, heavy)
    written = 0
    with pytest.raises(OutboxFull):
        while True:
            before = await held(engine.ledger, "heavy")
            assert isinstance(before.entry, Problem)
            new = after(before.entry, comment_count=before.entry.comment_count + 1)
            assert await engine.ledger.write(before, new, applied(new))
            written += 1
    assert 10 < written < OUTBOX_LIMIT, "the bytes were the bound, not the count"
    document = await database.entries.find_one({"_id": "heavy"})
    assert document is not None
    size = len(encode(document))
    assert DOCUMENT_BYTES <= size < DOCUMENT_BYTES + 1024 * 1024
    gone = await relay_all(engine.outbox)
    assert [w.outgoing.answer.version for w in gone] == list(range(1, written + 2))


async def test_writes_leave_what_they_do_not_know(database: Database, engine: World) -> None:
    """Operators, never a replacement: a member that a newer program added is still there."""
    before = await started(engine.ledger)
    await database.entries.update_one({"_id": "p1"}, {"$set": {"later": 1, "entry.title": "别名"}})
    assert isinstance(before.entry, Problem)
    new = after(before.entry, description="改", updated_by=CLERK)
    assert await engine.ledger.write(before, new, applied(new))
    document = await database.entries.find_one({"_id": "p1"})
    assert document is not None and document["later"] == 1
    assert document["entry"]["title"] == "别名", "a field that did not change was not written"
    assert document["entry"]["description"] == "改"
