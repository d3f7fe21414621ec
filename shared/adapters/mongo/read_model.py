"""The gateway's read model: one generation of it, and the writes that keep only what is newest.

Any number of writers may apply anything any number of times in any order: an entry is replaced
only by a higher version of it, a change is filed once, an answer stands once it is there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pymongo import InsertOne, ReplaceOne

from shared.adapters.mongo.bulk import Operation, upsert_all, write_colliding
from shared.adapters.mongo.client import Collection, Database, Document
from shared.adapters.mongo.counters import Counters, Marker
from shared.adapters.mongo.documents import change_document, entry_document, entry_of
from shared.adapters.mongo.sent import Sent, SentCommands
from shared.adapters.mongo.trouble import reaches
from shared.application.ports import AnyEntry, Unavailable
from shared.contract.messages import Answer, Change, Command, LineCard
from shared.domain.context import Directory
from shared.domain.moments import Clock
from shared.domain.problem import Problem

CLASHES = 50
"""Rounds before giving up: each clash means that another writer got on."""


@dataclass
class Batch:
    """What is applied together. Cards carry their offset in the registry, commands their line."""

    entries: list[AnyEntry] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    commands: list[tuple[str, Command]] = field(default_factory=list)
    cards: list[tuple[LineCard, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Known:
    """What the live stream says of an entry as it stands."""

    version: int
    line: str
    status: str | None
    town: str | None
    unit: str | None
    title: str | None


class ReadModel:
    """One generation. All methods raise Unavailable."""

    def __init__(
        self, db: Database, generation: int, directory: Directory, marker: Marker, clock: Clock
    ) -> None:
        self.generation = generation
        self.entries: Collection = db[f"entries_{generation}"]
        self.history: Collection = db[f"history_{generation}"]
        self.counters = Counters(db, generation, marker, clock)
        self._sent = SentCommands(db[f"commands_{generation}"])
        self._lines = db[f"lines_{generation}"]
        self._directory = directory

    async def apply(self, batch: Batch) -> None:
        """Durable when it returns. History before entries: who sees a version can see how it
        came about."""
        await self._file(batch.changes)
        await self._apply_entries(batch.entries)
        await self._sent.note(batch.commands)
        await self._sent.answered(batch.answers)
        await self._keep_cards(batch.cards)

    async def sent(self, command_ids: Sequence[str]) -> dict[str, Sent]:
        """Commands that are known by these ids."""
        return await self._sent.find(command_ids)

    @reaches
    async def known(self, entry_ids: Iterable[str]) -> dict[str, Known]:
        """Entry id → how it stands; unknown ones are missing."""
        wanted = {"_id": {"$in": list(set(entry_ids))}}
        fields = ("version", "line", "status", "town", "unit", "title")
        cursor = self.entries.find(wanted, {f"entry.{name}": 1 for name in fields})
        return {
            doc["_id"]: Known(**{name: doc["entry"].get(name) for name in fields})
            async for doc in cursor
        }

    @reaches
    async def problems(self, entry_ids: Iterable[str]) -> dict[str, Problem]:
        """Entry id → the problem as it stands; unknown ones are missing."""
        wanted = {"_id": {"$in": list(set(entry_ids))}, "entry.kind": "problem"}
        found = [entry_of(doc) async for doc in self.entries.find(wanted, {"entry": 1})]
        return {entry.id: entry for entry in found if isinstance(entry, Problem)}

    @reaches
    async def cards(self) -> list[LineCard]:
        return [LineCard.model_validate(doc["card"]) async for doc in self._lines.find()]

    @reaches
    async def _keep_cards(self, cards: Sequence[tuple[LineCard, int]]) -> None:
        for card, offset in cards:
            await upsert_all(
                self._lines,
                [
                    (
                        {"_id": card.key, "offset": {"$lt": offset}},
                        {"$set": {"offset": offset, "card": card.model_dump(mode="json")}},
                    )
                ],
            )

    @reaches
    async def _file(self, changes: Sequence[Change]) -> None:
        # What is there already is met as a duplicate key; inserts are by far the quickest writes.
        new = {doc["_id"]: InsertOne(doc) for doc in map(change_document, changes)}
        await write_colliding(self.history, list(new.values()))

    @reaches
    async def _apply_entries(self, entries: Sequence[AnyEntry]) -> None:
        newest: dict[str, AnyEntry] = {}
        for entry in entries:
            held = newest.get(entry.id)
            if held is None or held.version < entry.version:
                newest[entry.id] = entry
        for _ in range(CLASHES):
            if not newest:
                return
            newest = await self._replace(newest)
        raise Unavailable(f"read model: {CLASHES} clashes in a row over {sorted(newest)[:3]}")

    async def _replace(self, newest: dict[str, AnyEntry]) -> dict[str, AnyEntry]:
        """One look and one guarded write; those that another writer changed in between.

        The guard is the very version that was looked at: only then is the cell that the entry
        leaves known, and marked before it is left.
        """
        seen = await self._seen(newest)
        due = {i: e for i, e in newest.items() if i not in seen or seen[i][0] < e.version}
        if not due:
            return {}
        documents = {i: entry_document(e, e.version, self._directory) for i, e in due.items()}
        left = {seen[i][1] for i in due if i in seen}
        entered = {doc["find"].get("cell") for doc in documents.values()}
        cells = sorted(cell for cell in left | entered if cell)
        operations: list[Operation] = [
            ReplaceOne({"_id": i, "entry.version": seen[i][0]}, doc)
            if i in seen
            else InsertOne(doc)
            for i, doc in documents.items()
        ]
        async with self.counters.changing(cells):
            settled, _ = await write_colliding(self.entries, operations)
        if settled:
            return {}
        after = await self._seen(due)
        return {i: e for i, e in due.items() if i not in after or after[i][0] < e.version}

    async def _seen(self, ids: Iterable[str]) -> dict[str, tuple[int, str | None]]:
        """Entry id → its version and cell, as the read model has it."""
        cursor = self.entries.find(
            {"_id": {"$in": list(ids)}}, {"entry.version": 1, "find.cell": 1}
        )
        found: list[Document] = await cursor.to_list(None)
        return {d["_id"]: (d["entry"]["version"], d["find"].get("cell")) for d in found}
