"""What the tests of reads share: a moment, the county, and how lists are walked."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.documents import entry_document
from shared.adapters.pack.load import load_pack
from shared.application.ports import AnyEntry
from shared.application.reads import (
    Page,
    Position,
)
from shared.declaration.county.county import County
from shared.domain.actor import Actor, Role
from shared.domain.task import Task

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
CLERK = Actor(id="clerk", role=Role.DEPARTMENT, unit="housing")


@cache
def county() -> County:
    return load_pack(Path("deploy/counties/jinxiang-370828"))


async def put(database: Database, entries: Iterable[AnyEntry], suffix: str = "") -> None:
    documents = [entry_document(entry, 1, county()) for entry in entries]
    await database[f"entries{suffix}"].insert_many(documents)


async def walked(turn: Callable[[Position | None], Any]) -> list[Any]:
    """Every entry of every page, in order; fails when the pages never end."""
    met: list[Any] = []
    after: Position | None = None
    for _ in range(1000):
        page: Page[Any] = await turn(after)
        met += page.items
        if page.end is None:
            return met
        assert page.items, "a page that says there is more has something on it"
        after = page.end
    raise AssertionError("the pages never end")


def task(id_: str, **fields: Any) -> Task:
    base: dict[str, Any] = {
        "line": "dust",
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
        "updated_by": CLERK,
        "item": "14",
        "clause": "14.1",
        "text": "工地扬尘管控",
        "department": "housing",
        "starts": date(2026, 1, 1),
    }
    return Task(**{**base, "id": id_, **fields})
