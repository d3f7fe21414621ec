"""Every index there is, and the question that it answers."""

from pymongo import ASCENDING, DESCENDING, IndexModel

from shared.adapters.mongo.client import Collection, Database, Document
from shared.adapters.mongo.evidence import evidence_index
from shared.adapters.mongo.memories import WAITS as MEMORY_WAITS
from shared.adapters.mongo.reads_standing import standing_indexes
from shared.adapters.mongo.trouble import reaches
from shared.application.ports import RECEIPT_DAYS

DAY_SECONDS = 86_400
TRY_DAYS = 7
"""How long the count of a message that was never done is kept."""
SIGHTINGS_IDLE_DAYS = 90
"""Longer than receipts are kept: a number that counts anew must not meet an old answer."""
SIGHTINGS_DUE = "sightings_due"
OUTBOX_INDEX = "outbox_waiting"
WAITS: Document = {"outbox.0": {"$exists": True}}
"""The filter of the relay's partial index; a query must repeat it to be served by it."""

FILTERS = (
    "entry.status",
    "entry.line",
    "entry.town",
    "entry.unit",
    "entry.category",
    "entry.source",
    "entry.clause",
    "entry.severity",
    "find.units",
    "find.tokens",
)
"""Fields that a list is narrowed by, each in the list's default order."""
SORTS = (
    "entry.reported_at",
    "entry.due_at",
    "find.next_due_at",
    "entry.updated_at",
    "find.severity",
)


def _rising(*fields: str, name: str | None = None) -> IndexModel:
    """Serves the order and its reverse; `_id` goes the way of the field before it."""
    keys = [(field, ASCENDING) for field in fields]
    return IndexModel(keys, name=name) if name else IndexModel(keys)


def entry_indexes() -> list[IndexModel]:
    """For entry documents, at a line and in the read model: lists, search, counts, map."""
    return [
        *(_rising("entry.kind", field, "entry.reported_at", "_id") for field in FILTERS),
        *(_rising("entry.kind", field, "_id") for field in SORTS),
        # What my unit must do now, by due time; and what is overdue.
        _rising("find.units", "find.open", "find.next_due_at", "_id"),
        _rising("entry.kind", "find.timed", "entry.due_at", "_id"),
        _rising("entry.kind", "entry.location.lon", "entry.location.lat"),
        # Rows of a ledger that came back as a file.
        _rising("entry.number"),
        _rising("find.cell"),
        # Who asked for more time.
        IndexModel(
            [("entry.extension_request.due_at", ASCENDING)],
            partialFilterExpression={"entry.extension_request.due_at": {"$type": "date"}},
        ),
        # What was closed in a month; what is pressed how hard.
        _rising("entry.kind", "entry.closed_at", "_id"),
        _rising("entry.kind", "entry.escalation.level", "entry.reported_at", "_id"),
        # How the work stands, for the metrics.
        *standing_indexes(),
        # Does any problem name this file?
        evidence_index(),
    ]


@reaches
async def ensure_entry_indexes(entries: Collection) -> None:
    """Create what is missing on a collection of entry documents. Raises Unavailable."""
    await entries.create_indexes(entry_indexes())


@reaches
async def ensure_indexes(db: Database) -> None:
    """Create what is missing in a line's database. Raises Unavailable."""
    await ensure_entry_indexes(db.entries)
    await db.entries.create_indexes(
        [
            # Empty outboxes are not in it: the relay's question costs what waits, not what is held.
            IndexModel(
                [("outbox.at", ASCENDING)], name=OUTBOX_INDEX, partialFilterExpression=WAITS
            ),
            IndexModel([("outbox.answer.command", ASCENDING)], sparse=True),
        ]
    )
    await db.entries.create_indexes(
        [
            # What falls due next; and what the warning in force has not shortened yet.
            IndexModel(
                [("find.next_step_at", ASCENDING)],
                partialFilterExpression={"find.next_step_at": {"$type": "date"}},
            ),
            IndexModel([("entry.alert.level", ASCENDING)], sparse=True),
            _rising("entry.kind", "entry.status", "entry.alert"),
        ]
    )
    await db.entries.create_indexes(
        [
            # Was it here before: at the site of this name (its box is asked by position).
            IndexModel([("entry.site", ASCENDING), ("entry.category", ASCENDING)], sparse=True),
            # To which problem does a finding belong: by its key, its subject, its category.
            IndexModel([("entry.origin.key", ASCENDING)], sparse=True),
            IndexModel([("entry.origin.subject", ASCENDING)], sparse=True),
            _rising("entry.category", "find.open", "entry.updated_at"),
        ]
    )
    await db.sightings.create_indexes(
        [
            IndexModel([("due_at", ASCENDING)], name=SIGHTINGS_DUE),
            IndexModel(
                [("idle_since", ASCENDING)], expireAfterSeconds=SIGHTINGS_IDLE_DAYS * DAY_SECONDS
            ),
        ]
    )
    await db.receipts.create_indexes(
        [
            IndexModel([("entry_id", ASCENDING), ("at", DESCENDING)]),
            IndexModel([("filed_at", ASCENDING)], expireAfterSeconds=RECEIPT_DAYS * DAY_SECONDS),
        ]
    )
    await db.memories.create_indexes(
        [
            IndexModel([("outbox.id", ASCENDING)], partialFilterExpression=MEMORY_WAITS),
            IndexModel([("wake_at", ASCENDING), ("_id", ASCENDING)]),
        ]
    )
    await db.poison.create_indexes(
        [IndexModel([("at", ASCENDING)], expireAfterSeconds=TRY_DAYS * DAY_SECONDS)]
    )
