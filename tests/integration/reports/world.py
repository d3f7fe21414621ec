"""A gateway's HTTP API over the real MongoDB, and two lines whose problems live random lives."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from services.dust.line import LINE as DUST
from services.gateway.api.air import air_router
from services.gateway.api.batches import batches_router
from services.gateway.api.reports import reports_router
from services.mobile.line import LINE as MOBILE
from shared.adapters.memory.ledger import MemoryLedger
from shared.adapters.memory.outbox import MemoryOutbox
from shared.adapters.memory.store import Store
from shared.adapters.memory.sweeping import MemoryDueEntries
from shared.adapters.mongo.air_rankings import MongoAirRankings
from shared.adapters.mongo.batches import MongoBatches
from shared.adapters.mongo.client import Database
from shared.adapters.mongo.documents import change_document, entry_document
from shared.adapters.mongo.reads import MongoReads
from shared.adapters.mongo.reads_month import MongoMonthReads
from shared.application.handler import Handler
from shared.application.sweeping import Sweeping
from shared.contract.messages import Command
from shared.domain.actor import Actor, Role, system
from shared.domain.entry import Kind
from shared.domain.problem import Problem
from shared.domain.problem_rules import possible
from shared.runtime.http.api import Api
from shared.runtime.http.app import create_app
from shared.runtime.line.facts import line_facts
from tests.integration.reads.world import county
from tests.unit.http.world import TurnedClock

BEGUN = datetime(2026, 9, 20, 1, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
COORDINATOR = {"X-Actor": "boss", "X-Role": "coordinator", "X-Unit": "ecology"}
TOWNS = ("370828101", "370828102", "370828103", None)
SOURCES = ("report", "patrol", "superior", "video")
ACTORS = {
    role: Actor(id=role.value, role=role, unit=unit, name="王大锤")
    for role, unit in (
        (Role.COORDINATOR, "ecology"),
        (Role.DEPARTMENT, "housing"),
        (Role.INSPECTOR, "water"),
    )
}
_AFTER = {"kind": "after", "sha256": "a" * 64}


@dataclass
class Lives:
    """Two lines in memory; every change goes through the real handler."""

    rng: random.Random
    clock: TurnedClock = field(default_factory=lambda: TurnedClock(BEGUN))
    stores: dict[str, Store] = field(default_factory=lambda: {"dust": Store(), "mobile": Store()})
    count: int = 0

    def __post_init__(self) -> None:
        self.handlers = {
            line.key: Handler(
                line_facts(line, county()),
                county(),
                MemoryLedger(self.stores[line.key]),
                self.clock,
            )
            for line in (DUST, MOBILE)
        }

    async def command(
        self, line: str, entry: str, name: str, body: Mapping[str, Any], actor: Actor
    ) -> bool:
        self.count += 1
        held = self.stores[line].entries.get(entry)
        answer = await self.handlers[line].handle(
            Command(
                id=f"c{self.count}",
                kind=Kind.PROBLEM,
                entry=entry,
                name=name,
                body=dict(body),
                actor=actor,
                expected_version=held.entry.version if held else None,
                issued_at=self.clock.now(),
            )
        )
        await self._relay()
        return answer.outcome == "applied"

    async def _press(self) -> None:
        """What the sweepers do as time passes."""
        for line, store in self.stores.items():
            due = MemoryDueEntries(store, county())
            sweeping = Sweeping(line, county().timing, due, self.handlers[line])
            await sweeping.press(self.clock.now())
        await self._relay()

    async def _relay(self) -> None:
        """What the relay does: file, send on what goes to other lines, clear."""
        for store in self.stores.values():
            outbox = MemoryOutbox(store)
            while waiting := await outbox.waiting(100):
                await outbox.file(waiting)
                await outbox.clear(waiting)
                for item in waiting:
                    for line, command in item.outgoing.follow_ups:
                        if line in self.handlers:
                            await self.handlers[line].handle(command)

    async def live(self, problems: int, steps: int) -> None:
        """Report so many problems over the weeks, and do anything possible to any of them."""
        for number in range(problems):
            await self._report(number)
        every = (NOW - BEGUN) / (steps + 1)
        for _ in range(steps):
            self.clock.turn(every * self.rng.uniform(0.5, 1.4))
            if self.clock.now() >= NOW:
                break
            await self._press()
            if self.rng.random() < 0.25:
                await self._report(problems + self.count)
            for _ in range(3):
                await self._step()

    async def _report(self, number: int) -> None:
        town, source = self.rng.choice(TOWNS), self.rng.choice(SOURCES)
        body: dict[str, Any] = {
            "title": f"工地裸土未覆盖 {number}",
            "description": "王大锤反映,电话13812345678,身份证370828199001011234",
            "severity": "general",
            "source": source,
            "location": {"lon": 116.31, "lat": 35.07, "town": town, "address": "金乡大道东段"},
        }
        entry = str(UUID(int=self.rng.getrandbits(128)))
        line = self.rng.choice(("dust", "mobile"))
        actor = ACTORS[Role.COORDINATOR]
        if self.rng.random() < 0.3:
            actor = system("rule")
            body["description"] = "设备发现"
            body["finding"] = {
                "origin": {
                    "rule": "dust.test",
                    "subject": f"s{number}",
                    "key": f"k{number}-{self.count}",
                    "finding": f"f{number}-{self.count}",
                },
                "town_by": self.rng.choice(("polygon", "nearest-seat")),
            }
        assert await self.command(line, entry, "register", body, actor)

    async def _step(self) -> None:
        line = self.rng.choice(("dust", "mobile"))
        if not self.stores[line].entries:
            return
        entry = self.rng.choice(sorted(self.stores[line].entries))
        later = self.clock.now() + timedelta(hours=self.rng.randrange(1, 400))
        town = self.rng.choice(TOWNS)
        held = self.stores[line].entries[entry].entry
        assert isinstance(held, Problem)
        options: list[tuple[str, dict[str, Any], str]] = [
            ("assign", {"unit": "housing", "due_at": later.isoformat(), "town": town}, "c"),
            ("assign", {"unit": "housing"}, "c"),
            ("accept", {}, "d"),
            ("return", {"reason": "不属本单位", "suggested_unit": "water"}, "d"),
            ("start", {}, "d"),
            ("start", {}, "d"),
            ("submit", {}, "d"),
            ("submit", {}, "d"),
            ("approve", {"result": "qualified", "evidence": [_AFTER]}, "i"),
            ("approve", {"result": "qualified", "evidence": [_AFTER]}, "i"),
            ("reopen", {"reason": "又见裸土"}, "c"),
            ("extend", {"due_at": later.isoformat(), "reason": "等料"}, "c"),
            ("suspend", {"reason": "停工"}, "c"),
            ("resume", {}, "c"),
            ("reject", {"reason": "现场无此情况"}, "i"),
            ("transfer", {"line": "mobile" if line == "dust" else "dust", "reason": "x"}, "c"),
            ("comment", {"text": "请尽快"}, "c"),
        ]
        can = [option for option in options if option[0] in possible(held.status)]
        if not can:
            return
        name, body, role = self.rng.choice(can)
        roles = {"c": Role.COORDINATOR, "d": Role.DEPARTMENT, "i": Role.INSPECTOR}
        said = {key: value for key, value in body.items() if value is not None}
        await self.command(line, entry, name, said, ACTORS[roles[role]])

    def problems(self) -> list[Problem]:
        """Of both lines, the highest version of each."""
        found: dict[str, Problem] = {}
        for store in self.stores.values():
            for stored in store.entries.values():
                entry = stored.entry
                assert isinstance(entry, Problem)
                if entry.id not in found or found[entry.id].version < entry.version:
                    found[entry.id] = entry
        return list(found.values())


async def keep(database: Database, lives: Lives) -> None:
    """As the projector would: newest entries, whole histories, in generation 1."""
    for entry in lives.problems():
        document = entry_document(entry, entry.version, county())
        await database.entries_1.replace_one({"_id": entry.id}, document, upsert=True)
    changes = {
        key: change for store in lives.stores.values() for key, change in store.history.items()
    }
    for change in changes.values():
        document = change_document(change)
        await database.history_1.replace_one({"_id": document["_id"]}, document, upsert=True)


class Desk:
    """The gateway's API as its clients see it."""

    def __init__(self, database: Database, clock: TurnedClock) -> None:
        async def no_cards() -> list[Any]:
            return []

        reads, batches = MongoReads(database, lambda: "_1"), MongoBatches(database, clock)
        month, air = MongoMonthReads(database, lambda: "_1"), MongoAirRankings(database)
        api = Api(
            reads=reads,
            commander=None,  # type: ignore[arg-type]
            county=county(),
            clock=clock,
            cards=no_cards,
            line=None,
            batch_numbers=batches.numbers_of,
        )
        routers = [
            batches_router(api, batches),
            air_router(api, air),
            reports_router(api, month, air),
        ]
        self.clock, self.batches = clock, batches
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=create_app(api, "test", {}, routers=routers)),
            base_url="http://test",
        )

    async def get(self, url: str, **query: Any) -> Any:
        got = await self.http.get(url, params=query or None)
        assert got.status_code == 200, got.text
        return got.json()

    async def all(self, url: str, **query: Any) -> list[dict[str, Any]]:
        """Every item of every page."""
        body = await self.get(url, limit=200, **query)
        items = body["items"]
        while body["next"]:
            body = (await self.http.get(body["next"])).json()
            items += body["items"]
        return list(items)
