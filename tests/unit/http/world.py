"""A whole line behind its HTTP API, in memory: the real handler, and reads over what it wrote."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from services.dust.line import LINE
from shared.adapters.memory.files import MemoryFiles
from shared.adapters.memory.ledger import MemoryLedger
from shared.adapters.memory.store import Store
from shared.adapters.pack.load import load_pack
from shared.application.handler import Handler
from shared.application.ports import AnyEntry
from shared.application.reads import (
    Census,
    Page,
    Position,
    ProblemFilter,
    ProblemSort,
    ResponsibilityFilter,
    Standing,
    TaskFilter,
    standing_of,
)
from shared.contract.messages import Answer, Change, Command, LineCard
from shared.declaration.county.county import County
from shared.domain.entry import Kind
from shared.domain.moments import shanghai_day
from shared.domain.problem import OPEN, Problem
from shared.domain.responsibility import Responsibility
from shared.domain.task import Task
from shared.runtime.http.api import Api
from shared.runtime.http.app import create_app
from shared.runtime.http.files import FileDesk, files_router
from shared.runtime.http.health import Check
from shared.runtime.http.upload import Uploads
from shared.runtime.line.facts import line_card, line_facts

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LEAD = {"X-Actor": "lead", "X-Role": "line_lead", "X-Unit": "housing"}
VIEWER = {"X-Actor": "guest", "X-Role": "viewer"}
REPORT: Mapping[str, Any] = {
    "title": "工地裸土未覆盖",
    "severity": "general",
    "location": {"lon": 116.31, "lat": 35.07, "town": "370828103"},
}


@cache
def county() -> County:
    return load_pack(Path("deploy/counties/jinxiang-370828"))


@dataclass
class TurnedClock:
    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def turn(self, by: timedelta) -> None:
        self.at += by


class StoreReads:
    """Implements Reads over the memory store, in the order of ids; the queries are kept to look at."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked: list[Any] = []

    def _page(self, kind: type[Any], limit: int, after: Position | None) -> Page[Any]:
        entries = [s.entry for s in self._store.entries.values() if isinstance(s.entry, kind)]
        rest = sorted((e for e in entries if not after or e.id > after[-1]), key=lambda e: e.id)
        page = tuple(rest[:limit])
        if len(rest) <= limit:
            return Page(page, None)
        places: Position = (0, START, page[-1].id) if kind is Problem else (0, 0, page[-1].id)
        return Page(page, places)

    async def problems(
        self,
        which: ProblemFilter,
        sort: ProblemSort,
        now: datetime,
        limit: int,
        after: Position | None = None,
    ) -> Page[Problem]:
        self.asked.append(which)
        if which.ids or which.numbers:
            every = self._page(Problem, 10**6, None).items
            return Page(
                tuple(
                    each for each in every if each.id in which.ids or each.number in which.numbers
                ),
                None,
            )
        return self._page(Problem, limit, after)

    async def count_problems(self, which: ProblemFilter, now: datetime) -> int:
        return len(self._page(Problem, 10**6, None).items)

    async def tasks(
        self, which: TaskFilter, today: date, limit: int, after: Position | None = None
    ) -> Page[Task]:
        self.asked.append(which)
        return self._page(Task, limit, after)

    async def count_tasks(self, which: TaskFilter, today: date) -> int:
        return len(self._page(Task, 10**6, None).items)

    async def responsibilities(
        self, which: ResponsibilityFilter, today: date, limit: int, after: Position | None = None
    ) -> Page[Responsibility]:
        self.asked.append(which)
        return self._page(Responsibility, limit, after)

    async def count_responsibilities(self, which: ResponsibilityFilter, today: date) -> int:
        return len(self._page(Responsibility, 10**6, None).items)

    async def entry(self, kind: Kind, entry_id: str) -> AnyEntry | None:
        stored = self._store.entries.get(entry_id)
        return stored.entry if stored is not None and stored.entry.kind is kind else None

    async def history(self, entry_id: str, after_version: int, limit: int) -> list[Change]:
        return await MemoryLedger(self._store).history(entry_id, after_version, limit)

    async def census(self, now: datetime) -> Census:
        there = {("dust", "registered", "general", ""): len(self._store.entries)}
        return Census(there, {("dust", "370828001"): 1})

    async def standing(self, now: datetime) -> Standing:
        entries = [stored.entry for stored in self._store.entries.values()]
        pressed = Counter(
            (entry.line, entry.escalation.level.value)
            for entry in entries
            if isinstance(entry, Problem) and entry.status in OPEN and entry.escalation
        )
        return standing_of(
            (entry for entry in entries if isinstance(entry, Task)), shanghai_day(now), pressed
        )


@dataclass(frozen=True)
class StoreEvidence:
    """Implements Named over the memory store."""

    store: Store

    async def named(self, sha256s: Sequence[str]) -> set[str]:
        problems = [s.entry for s in self.store.entries.values() if isinstance(s.entry, Problem)]
        return {e.sha256 for p in problems for e in p.evidence} & set(sha256s)


@dataclass
class HandlerCommander:
    """Implements Commander; `answers` False: every command is accepted and stays unanswered."""

    handler: Handler
    answers: bool = True
    seen: list[tuple[Command, str | None, float]] = field(default_factory=list)
    fails: Exception | None = None

    async def submit(self, command: Command, line: str | None, wait: float) -> Answer | None:
        self.seen.append((command, line, wait))
        if self.fails is not None:
            raise self.fails
        return await self.handler.handle(command) if self.answers else None


class LineWorld:
    """The dust line, or a gateway that knows only the dust line."""

    def __init__(self, gateway: bool = False, checks: Mapping[str, Check] | None = None) -> None:
        self.clock, self.store = TurnedClock(), Store()
        self.ledger = MemoryLedger(self.store)
        self.files = MemoryFiles(self.clock)
        handler = Handler(line_facts(LINE, county()), county(), self.ledger, self.clock, self.files)
        self.commander = HandlerCommander(handler)
        self.reads = StoreReads(self.store)
        self.api = Api(
            reads=self.reads,
            commander=self.commander,
            county=county(),
            clock=self.clock,
            cards=self.cards,
            line=None if gateway else "dust",
        )
        self.uploads = Uploads(self.files, self.clock)
        desk = FileDesk(self.files, self.uploads, StoreEvidence(self.store), self.clock)
        self.app: FastAPI = create_app(self.api, "test", checks or {}, routers=[files_router(desk)])
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app), base_url="http://test"
        )

    async def cards(self) -> Sequence[LineCard]:
        return [line_card(LINE, county(), "t", "http://127.0.0.1:8101", START)]

    async def report(self, **fields: Any) -> dict[str, Any]:
        """A new problem, as the API answered it."""
        got = await self.http.post("/v1/problems", json={**REPORT, **fields}, headers=LEAD)
        assert got.status_code == 201, got.text
        shown: dict[str, Any] = got.json()
        return shown


def problem_of(got: httpx.Response, status: int, type_: str) -> dict[str, Any]:
    """The problem document of an answer, after checking what every one must have."""
    assert got.status_code == status, got.text
    assert got.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = got.json()
    assert document["type"] == f"/problems/{type_}"
    assert document["status"] == status
    assert document["title"] and document["detail"]
    return document
