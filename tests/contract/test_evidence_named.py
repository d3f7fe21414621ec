"""Which files the entries name, on the real engine, served by its index."""

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.evidence import MongoEvidence
from shared.adapters.mongo.ledger import MongoLedger
from shared.domain.evidence import Evidence
from tests.contract.samples import CLERK, START, problem, started
from tests.contract.world import County, TurnedClock


def named(*shas: str) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(kind="after", sha256=sha, attached_at=START, attached_by=CLERK) for sha in shas
    )


async def test_only_what_is_asked_for_and_named(database: Database) -> None:
    a, b, c, d = (letter * 64 for letter in "abcd")
    ledger = MongoLedger(database, County(), TurnedClock())
    await started(ledger, problem("p1", evidence=named(a, b)))
    await started(ledger, problem("p2", evidence=named(b, c)))
    await started(ledger, problem("p3"))
    evidence = MongoEvidence(lambda: database.entries)
    assert await evidence.named([a, b, d]) == {a, b}
    assert await evidence.named([d]) == set()
    assert await evidence.named([]) == set()


async def test_the_index_serves_it(database: Database) -> None:
    ledger = MongoLedger(database, County(), TurnedClock())
    for n in range(30):
        files = named(f"{n:064x}") if n % 10 == 0 else ()
        await started(ledger, problem(f"p{n}", evidence=files))
    match = {"entry.evidence.0": {"$exists": True}, "entry.evidence.sha256": {"$in": ["0" * 64]}}
    plan = await database.command(
        {"explain": {"find": "entries", "filter": match}, "verbosity": "executionStats"}
    )
    assert plan["executionStats"]["totalDocsExamined"] == 1, plan["queryPlanner"]["winningPlan"]
