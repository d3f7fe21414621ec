"""Problems that a line had a part in after the point that it was restored to, as other lines have
them now. What two lines did together is not undone in one of them."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from shared.adapters.mongo.client import Database, Document
from shared.adapters.mongo.documents import entry_document
from shared.adapters.mongo.filing import file_away
from shared.adapters.mongo.ledger import MongoLedger
from shared.adapters.mongo.trouble import reaches
from shared.contract.messages import Change
from shared.domain.context import Directory
from shared.domain.moments import Clock
from shared.domain.problem import Problem, Status

_CROSSED: Document = {
    "entry.kind": "problem",
    "$or": [{"entry.moved_to": {"$ne": None}}, {"entry.moved_from": {"$ne": None}}],
}
_PAGE = 200


@dataclass(frozen=True)
class Crossed:
    """A problem as the line `problem.line` has it, above the version `before` of the restored line
    (0: it has none). `lost` are the restored line's own changes above that, by rising version."""

    problem: Problem
    before: int
    lost: tuple[Change, ...]


async def crossed(
    ours: Database, line: str, others: Mapping[str, Database], directory: Directory, clock: Clock
) -> AsyncIterator[Crossed]:
    """What crossed into or out of `line` since, with `others`: line → its database. Raises
    Unavailable."""
    newest = await _newest(others)
    ledgers = {other: MongoLedger(db, directory, clock) for other, db in others.items()}
    for entry_id, (other, version) in sorted(newest.items()):
        before = await _version(ours, entry_id)
        if before >= version:
            continue
        problem, changes = await _above(ledgers[other], entry_id, before)
        if problem is None:
            continue
        lost = tuple(change for change in changes if change.line == line)
        if lost or problem.moved_to == line:
            yield Crossed(problem, before, lost)


@reaches
async def leave_stub(db: Database, found: Crossed, directory: Directory, clock: Clock) -> None:
    """Let the restored line have handed it over again: its lost changes, and the signpost."""
    await file_away(db, found.lost, (), clock.now())
    last = found.lost[-1]
    stub = found.problem.model_copy(
        update={
            "line": last.line,
            "version": last.version,
            "status": Status.MOVED,
            "moved_to": (last.changed.get("moved_to") or [None])[-1] or found.problem.line,
            "updated_at": last.at,
            "updated_by": last.actor,
        }
    )
    document = {**entry_document(stub, last.version, directory), "outbox": []}
    await db.entries.replace_one({"_id": stub.id}, document, upsert=True)


@reaches
async def keep_lost(db: Database, found: Crossed, clock: Clock) -> None:
    """File the lost changes: they are nowhere in the topics any more."""
    await file_away(db, found.lost, (), clock.now())


@reaches
async def _newest(others: Mapping[str, Database]) -> Mapping[str, tuple[str, int]]:
    """Entry id → (the line that has it in its highest version, that version)."""
    found: dict[str, tuple[str, int]] = {}
    for other, db in others.items():
        async for document in db.entries.find(_CROSSED, {"entry.version": 1}):
            version = document["entry"]["version"]
            if version > found.get(document["_id"], ("", 0))[1]:
                found[document["_id"]] = (other, version)
    return found


@reaches
async def _version(db: Database, entry_id: str) -> int:
    document = await db.entries.find_one({"_id": entry_id}, {"entry.version": 1})
    return int(document["entry"]["version"]) if document else 0


async def _above(
    ledger: MongoLedger, entry_id: str, version: int
) -> tuple[Problem | None, list[Change]]:
    held = (await ledger.find(entry_id, "")).held
    if held is None or not isinstance(held.entry, Problem):
        return None, []
    changes: list[Change] = []
    while page := await ledger.history(entry_id, version, _PAGE):
        changes += page
        version = page[-1].version
    return held.entry, changes
