"""The comparison tells of evidence whose file is not stored."""

import hashlib
import io

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.comparing import compare
from shared.adapters.mongo.files import MongoFiles
from shared.adapters.mongo.ledger import MongoLedger
from shared.application.files import FileCard
from shared.domain.evidence import Evidence, FileFacts
from tests.contract.samples import CLERK, START, problem, started
from tests.contract.world import County, TurnedClock


async def test_a_named_file_that_is_not_there_is_told(database: Database, ns: str) -> None:
    client, clock = database.client, TurnedClock()
    files = MongoFiles(client[f"{ns}_files"], clock)
    here, gone, old = (hashlib.sha256(name).hexdigest() for name in (b"here", b"gone", b"old"))
    card = FileCard(here, FileFacts("image/jpeg", 4), START)
    try:
        await files.put(card, io.BytesIO(b"here"), None, "zhang")
        evidence = tuple(
            Evidence(
                kind="after", sha256=sha, media_type=kind, attached_at=START, attached_by=CLERK
            )
            for sha, kind in ((here, "image/jpeg"), (gone, "image/jpeg"), (old, None))
        )
        await started(MongoLedger(database, County(), clock), problem(evidence=evidence))
        found = await compare(client, ns, clock)
        told = [each for each in found.told if "not stored" in each]
        assert told == [f"p1: names file {gone}, which is not stored"]
        assert found.lines == ["dust"], "the files' database is no ledger"
    finally:
        for name in ("files", "gateway"):
            await client.drop_database(f"{ns}_{name}")
