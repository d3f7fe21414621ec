"""Every line's ledgers held against the gateway's read model, entry by entry, version by version.

Both sides are walked in the order of their ids, so memory does not grow with the ledgers.
"""

import hashlib
import heapq
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from shared.adapters.mongo.client import Client, Collection, Database, Document
from shared.adapters.mongo.generations import Generations
from shared.adapters.mongo.trouble import reaches
from shared.application.files import FILES
from shared.domain.moments import Clock

GATEWAY = "gateway"
TOLD = 200
"""Differences that are told one by one; the rest is only counted."""
_NUMBER = re.compile(r"^(.+-\d{4})-(\d+)$")


@dataclass
class Comparison:
    """What was compared and what differs. Gaps in numbers are no difference: a crash leaves one."""

    lines: list[str] = field(default_factory=list)
    entries: int = 0
    changes: int = 0
    differences: int = 0
    told: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    def differs(self, what: str) -> None:
        self.differences += 1
        if len(self.told) < TOLD:
            self.told.append(what)


@reaches
async def compare(client: Client, namespace: str, clock: Clock) -> Comparison:
    """The comparison as things stand now. Raises Unavailable."""
    gateway = client[f"{namespace}_{GATEWAY}"]
    targets = await Generations(gateway, clock).targets()
    prefix = f"{namespace}_"
    names = [
        n.removeprefix(prefix) for n in await client.list_database_names() if n.startswith(prefix)
    ]
    found = Comparison(lines=sorted(set(names) - {GATEWAY, FILES}))
    databases = [client[f"{prefix}{line}"] for line in found.lines]
    versions = await _entries(
        found, [db.entries for db in databases], gateway[f"entries_{targets.live}"]
    )
    await _history(
        found, [db.history for db in databases], gateway[f"history_{targets.live}"], versions
    )
    await _files(found, databases, client[f"{prefix}{FILES}"].files)
    return found


async def _files(found: Comparison, lines: list[Database], files: Collection) -> None:
    """What was attached as a file has to be there. Hashes from before files were kept say nothing
    of their kind."""
    for db in lines:
        named = db.entries.find(
            {"entry.evidence.media_type": {"$type": "string"}},
            {"entry.evidence.sha256": 1, "entry.evidence.media_type": 1},
        )
        async for doc in named:
            hashes = {e["sha256"] for e in doc["entry"]["evidence"] if e["media_type"]}
            there = files.find({"_id": {"$in": sorted(hashes)}}, {"_id": 1})
            for missing in sorted(hashes - {held["_id"] async for held in there}):
                found.differs(f"{doc['_id']}: names file {missing}, which is not stored")


async def _entries(found: Comparison, lines: list[Collection], model: Collection) -> dict[str, int]:
    """Compare the newest version of each entry; entry id → that version."""
    versions: dict[str, int] = {}
    serials: dict[str, list[int]] = defaultdict(list)
    async for entry_id, held, shown in _side_by_side(lines, model, {"entry": 1}):
        # A problem that moved stands twice: the stub that was left, and the higher version.
        newest = max((doc["entry"] for doc in held), key=lambda e: e["version"], default=None)
        there = shown["entry"] if shown else None
        if newest is None:
            found.differs(f"{entry_id}: in the read model, in no line's ledger")
            continue
        found.entries += 1
        versions[entry_id] = newest["version"]
        _one_home(found, entry_id, newest, [doc["entry"] for doc in held])
        number = _NUMBER.match(newest.get("number") or "")
        if number:
            serials[number[1]].append(int(number[2]))
        if there is None:
            found.differs(
                f"{entry_id}: {newest['line']} v{newest['version']}, not in the read model"
            )
        elif there["version"] != newest["version"]:
            found.differs(
                f"{entry_id}: {newest['line']} v{newest['version']}, read model v{there['version']}"
            )
        elif _digest(newest) != _digest(there):
            fields = [k for k in sorted({*newest, *there}) if newest.get(k) != there.get(k)]
            found.differs(f"{entry_id}: v{newest['version']} differs in {', '.join(fields)}")
    found.gaps = [gap for prefix in sorted(serials) for gap in _gaps(prefix, serials[prefix])]
    return versions


def _one_home(found: Comparison, entry_id: str, newest: Document, held: list[Document]) -> None:
    """What moved on is gone on with by one line, and by one only."""
    if newest.get("moved_to"):
        found.differs(f"{entry_id}: handed over to {newest['moved_to']}, which does not have it")
    for other in held:
        if other is not newest and other.get("status") != "moved":
            found.differs(
                f"{entry_id}: lives in {other['line']} v{other['version']} and in "
                f"{newest['line']} v{newest['version']}"
            )


async def _history(
    found: Comparison, lines: list[Collection], model: Collection, versions: dict[str, int]
) -> None:
    """Compare the histories; each must run from 1 to the entry's version without a gap."""
    reached: dict[str, int] = defaultdict(int)
    async for change_id, held, shown in _side_by_side(lines, model, None):
        found.changes += 1
        if shown is None:
            found.differs(f"{change_id}: in a line's history, not in the read model's")
            continue
        if not held:
            found.differs(f"{change_id}: in the read model's history, in no line's")
        elif any(_digest(doc) != _digest(shown) for doc in held):
            found.differs(f"{change_id}: the change differs")
        entry, version = shown["entry"], shown["version"]
        if version != reached[entry] + 1:
            found.differs(f"{entry}: history jumps from v{reached[entry]} to v{version}")
        reached[entry] = version
    for entry, version in versions.items():
        if reached[entry] != version:
            found.differs(f"{entry}: v{version}, but its history ends at v{reached[entry]}")


async def _side_by_side(
    lines: list[Collection], model: Collection, shown: Document | None
) -> AsyncIterator[tuple[str, list[Document], Document | None]]:
    """(id, the lines' documents under it, the read model's), by rising id."""
    walks = [c.find({}, shown, sort=[("_id", 1)]) for c in (*lines, model)]
    ours = len(lines)
    heads: list[tuple[str, int, Document]] = []

    async def advance(walk: int) -> None:
        async for document in walks[walk]:
            heapq.heappush(heads, (document["_id"], walk, document))
            return

    for walk in range(len(walks)):
        await advance(walk)
    while heads:
        current = heads[0][0]
        held: list[Document] = []
        there: Document | None = None
        while heads and heads[0][0] == current:
            _, walk, document = heapq.heappop(heads)
            if walk == ours:
                there = document
            else:
                held.append(document)
            await advance(walk)
        yield current, held, there


def _digest(value: Any) -> bytes:
    return hashlib.blake2b(
        orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS), digest_size=16
    ).digest()


def _gaps(prefix: str, serials: list[int]) -> list[str]:
    """Serials between 1 and the highest that no problem has, as ranges."""
    gaps, expected = [], 1
    for serial in sorted(set(serials)):
        if serial > expected:
            last = f"…{serial - 1:05d}" if serial - 1 > expected else ""
            gaps.append(f"{prefix}-{expected:05d}{last}")
        expected = serial + 1
    return gaps
