"""What only the real engine can show: which index serves, how large a document gets."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from bson import encode
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandListener, CommandStartedEvent

from shared.adapters.files.kinds import DOCX
from shared.adapters.mongo.client import Client, Database, Document
from shared.adapters.mongo.documents import entry_document, item_of
from shared.adapters.mongo.indexes import OUTBOX_INDEX, ensure_indexes
from shared.adapters.mongo.ledger import DOCUMENT_BYTES
from shared.application.ports import OUTBOX_LIMIT, OutboxFull
from shared.domain.actor import Actor, Role
from shared.domain.entry import Place
from shared.domain.problem import EVIDENCE_LIMIT, Evidence, Problem
from tests.contract.conftest import mongo_world
from tests.contract.relay import relay_all
from tests.contract.samples import CLERK, START, after, applied, held, problem, started
from tests.contract.world import County, World

HELD, WAITING = 5_000, 40


class Recorder(CommandListener):
    """Keeps the questions that the adapter sends, so that the engine can be asked to explain them.

    (The engine has no profiler.)
    """

    def __init__(self) -> None:
        self.asked: list[Document] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name in ("find", "aggregate"):
            own = ("lsid", "$db", "$clusterTime", "$readPreference", "readConcern")
            self.asked.append({k: v for k, v in event.command.items() if k not in own})

    def succeeded(self, event: object) -> None:
        pass

    def failed(self, event: object) -> None:
        pass


@dataclass
class Recorded:
    world: World
    database: Database
    recorder: Recorder

    async def explained(self) -> list[Document]:
        """What every question so far cost."""
        asked, self.recorder.asked = self.recorder.asked, []
        return [await explain(self.database, question) for question in asked]


async def explain(database: Database, question: Document) -> Document:
    plan = await database.command("explain", question, verbosity="executionStats")
    if "stages" in plan:  # an aggregation that the engine did not hand down whole
        plan = plan["stages"][0]["$cursor"]
    stats: Document = plan["executionStats"]
    return stats


@pytest.fixture
async def recorded(mongo_url: str, database: Database) -> AsyncIterator[Recorded]:
    """A ledger of 5,000 entries of which 40 wait, asked through a client that is overheard."""
    documents: list[Document] = []
    for n in range(HELD):
        at = START + timedelta(seconds=n)
        entry = problem(f"p{n:05d}", reported_at=at, updated_at=at)
        document = entry_document(entry, 1, County())
        document["outbox"] = []
        if n % (HELD // WAITING) == 0:
            document["outbox"] = [item_of(applied(entry), 1)]
        documents.append(document)
    await database.entries.insert_many(documents)
    recorder = Recorder()
    client: Client = AsyncIOMotorClient(mongo_url, tz_aware=True, event_listeners=[recorder])
    yield Recorded(mongo_world(client[database.name]), database, recorder)
    client.close()


async def test_the_relay_looks_only_at_what_waits(recorded: Recorded) -> None:
    outbox = recorded.world.outbox
    items = await outbox.waiting(500)
    assert len(items) == WAITING
    assert [i.outgoing.at for i in items] == sorted(i.outgoing.at for i in items)
    assert await outbox.backlog(100) == (WAITING, START)
    costs = await recorded.explained()
    assert len(costs) == 3, "waiting, oldest, count"
    for cost in costs:
        assert "IXSCAN" in str(cost) and "'SORT'" not in str(cost), cost
        assert cost["totalDocsExamined"] <= WAITING, cost
        assert cost["totalKeysExamined"] <= WAITING + 1, cost


async def test_a_page_of_the_relay_costs_a_page(recorded: Recorded) -> None:
    assert len(await recorded.world.outbox.waiting(5)) == 5
    [cost] = await recorded.explained()
    assert cost["totalDocsExamined"] == 5, cost


async def test_answers_and_histories_are_found_by_index(recorded: Recorded) -> None:
    ledger = recorded.world.ledger
    assert await ledger.answer("p00000-c1") is not None
    assert len(await ledger.history("p00000", 0, 50)) == 1
    assert len(await ledger.answers_of("p00000", 50)) == 1
    assert (await ledger.find("p00000", "p00000-c1")).answer is not None
    costs = await recorded.explained()
    assert len(costs) == 6, "one answer, two for the history, two for the answers, one document"
    for cost in costs:
        assert cost["totalDocsExamined"] <= 1, cost


async def test_the_default_list_needs_no_sort(recorded: Recorded) -> None:
    newest = {
        "find": "entries",
        "filter": {"entry.kind": "problem"},
        "sort": {"entry.reported_at": -1, "_id": -1},
        "limit": 50,
    }
    cost = await explain(recorded.database, newest)
    assert cost["totalDocsExamined"] == 50
    assert "'SORT'" not in str(cost)


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
            attached_at=START, attached_by=who, media_type=DOCX.media_type, size=2**26,
            thumbnail=True, exif_taken_at=START, exif_location=Place(lon=116.3, lat=35.0),
            metres_away=1234567.8, doubts=("疑" * 60,) * 5,
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
