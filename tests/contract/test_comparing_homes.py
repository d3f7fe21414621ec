"""The comparison tells of problems that two lines hold for theirs, or that none goes on with."""

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.comparing import compare
from shared.adapters.mongo.ledger import MongoLedger
from shared.domain.problem import Problem, Status
from tests.contract.samples import problem, started
from tests.contract.world import County, TurnedClock


def handed(entry: str) -> Problem:
    """The stub of one that was handed over to coal."""
    return problem(entry, status=Status.MOVED, moved_to="coal")


async def test_a_problem_has_one_home(database: Database, ns: str) -> None:
    client, clock = database.client, TurnedClock()
    other = client[f"{ns}_coal"]
    dust, coal = (MongoLedger(db, County(), clock) for db in (database, other))
    try:
        await started(dust, problem("twice"))
        await started(coal, problem("twice", line="coal", version=3))
        await started(dust, handed("moved"))
        await started(coal, problem("moved", line="coal", version=2, moved_from="dust"))
        await started(dust, handed("lost"))
        found = await compare(client, ns, clock)
        told = sorted(each for each in found.told if "lives in" in each or "handed" in each)
        assert told == [
            "lost: handed over to coal, which does not have it",
            "twice: lives in dust v1 and in coal v3",
        ]
    finally:
        for name in ("coal", "gateway"):
            await client.drop_database(f"{ns}_{name}")
