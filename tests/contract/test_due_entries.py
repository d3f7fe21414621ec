"""What falls due: found by index, over the memory and the real engine alike."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from shared.adapters.memory.ledger import MemoryLedger
from shared.adapters.memory.store import Store
from shared.adapters.memory.sweeping import MemoryDueEntries
from shared.adapters.mongo.client import Database
from shared.adapters.mongo.ledger import MongoLedger
from shared.adapters.mongo.sweeping import MongoDueEntries
from shared.application.handler import Handler
from shared.application.ports import Ledger
from shared.application.sweeping import DueEntries, Sweeping
from shared.contract.messages import Answer, Command
from shared.domain.actor import Actor, system
from shared.domain.entry import Kind
from shared.domain.problem import Problem
from tests.contract.world import TurnedClock
from tests.fakes.timing import TIMING
from tests.unit.domain.world import LEAD, NOW, REPORT, SmallCounty, facts

DAY = timedelta(days=1)
COUNTY = SmallCounty()


@dataclass
class Line:
    ledger: Ledger
    entries: DueEntries
    clock: TurnedClock
    handler: Handler

    async def tell(
        self, name: str, entry: str, actor: Actor = LEAD, kind: Kind = Kind.PROBLEM, **body: object
    ) -> Answer:
        found = (await self.ledger.find(entry, "")).held
        command = Command(
            id=f"{entry}-{name}-{found.entry.version if found else 0}",
            kind=kind,
            entry=entry,
            name=name,
            body=body,
            actor=actor,
            expected_version=found.entry.version if found else None,
            issued_at=self.clock.now(),
        )
        answer = await self.handler.handle(command)
        assert answer.outcome == "applied", answer.refusal
        return answer

    async def assigned(self, entry: str) -> None:
        await self.tell("register", entry, **{**REPORT, "source": "patrol"})
        await self.tell("assign", entry, unit="housing")

    async def problem(self, entry: str) -> Problem:
        held = (await self.ledger.find(entry, "")).held
        assert held is not None and isinstance(held.entry, Problem)
        return held.entry

    def sweeping(self) -> Sweeping:
        return Sweeping("dust", TIMING, self.entries, self.handler)


def _line(ledger: Ledger, entries: DueEntries, clock: TurnedClock) -> Line:
    return Line(ledger, entries, clock, Handler(facts(), COUNTY, ledger, clock))


@pytest.fixture(params=["memory", "engine"])
def line(request: pytest.FixtureRequest) -> Line:
    clock = TurnedClock()
    if request.param == "memory":
        store = Store()
        return _line(MemoryLedger(store), MemoryDueEntries(store, COUNTY), clock)
    database: Database = request.getfixturevalue("database")
    return _line(MongoLedger(database, COUNTY, clock), MongoDueEntries(database), clock)


async def test_nothing_is_due_before_its_time(line: Line) -> None:
    await line.assigned("p1")
    assert await line.entries.due(NOW + timedelta(hours=2.9), 10) == []
    found = await line.entries.due(NOW + timedelta(hours=3), 10)
    assert [(each.held.entry.id, each.due_at) for each in found] == [
        ("p1", NOW + timedelta(hours=3))
    ]


async def test_the_longest_overdue_come_first_and_as_many_as_asked(line: Line) -> None:
    for n in range(5):
        line.clock.turn(NOW + timedelta(minutes=5 - n) - line.clock.now())
        await line.assigned(f"p{n}")
    found = await line.entries.due(NOW + DAY, 3)
    assert [each.held.entry.id for each in found] == ["p4", "p3", "p2"]


async def test_what_is_suspended_or_over_is_never_due(line: Line) -> None:
    await line.assigned("p1")
    await line.tell("suspend", "p1", Actor(id="c", role="coordinator"), reason="停工")
    await line.tell("register", "p2", **{**REPORT, "source": "patrol"})
    await line.tell("reject", "p2", reason="不属实")
    assert await line.entries.due(NOW + 90 * DAY, 10) == []


async def test_steps_are_taken_once(line: Line) -> None:
    for n in range(3):
        await line.assigned(f"p{n}")
    line.clock.turn(NOW + 30 * DAY - line.clock.now())
    assert await line.sweeping().press(line.clock.now()) == 3
    assert await line.sweeping().press(line.clock.now()) == 0
    pressed = await line.problem("p1")
    assert pressed.escalation is not None and pressed.version == 3
    assert [raised.sent for raised in pressed.escalation.raised].count(True) == 1


async def test_two_that_sweep_at_once_take_each_step_once(line: Line) -> None:
    for n in range(20):
        await line.assigned(f"p{n}")
    line.clock.turn(NOW + timedelta(hours=3) - line.clock.now())
    await asyncio.gather(*(line.sweeping().press(line.clock.now()) for _ in range(3)))
    for n in range(20):
        held = await line.problem(f"p{n}")
        assert held.version == 3 and held.escalation is not None
        assert [raised.level for raised in held.escalation.raised] == ["reminded"]


async def test_a_clock_that_goes_back_refuses_nothing_for_ever(line: Line) -> None:
    """Found due by one clock and handled by another: the same command comes again and counts."""
    await line.assigned("p1")
    ahead = NOW + timedelta(hours=3)
    assert await line.sweeping().press(ahead) == 0, "the handler's clock says: not yet"
    line.clock.turn(ahead - line.clock.now())
    assert await line.sweeping().press(ahead) == 1


async def _alert(line: Line, entry: str, level: str) -> None:
    await line.tell(
        "create",
        entry,
        system("episode"),
        Kind.TASK,
        clause="14.1",
        text="应急减排",
        department="housing",
        starts="2026-11-23",
        alert={"episode": "2026-11-23", "level": level},
    )


async def test_a_warning_in_force_shortens_and_ends_with_its_task(line: Line) -> None:
    await line.assigned("p1")
    assert await line.sweeping().shorten(NOW) == 0 and await line.entries.alert() is None
    await _alert(line, "t1", "orange")
    assert await line.sweeping().shorten(NOW) == 1
    assert await line.sweeping().shorten(NOW) == 0
    less = await line.problem("p1")
    assert less.due_at == NOW + 3.5 * DAY and less.alert == "2026-11-23"
    history = await line.ledger.history("p1", 2, 10)
    assert history[0].rule == "problem.shorten" and "橙色" in (history[0].reason or "")
    await line.tell("end", "t1", system("episode"), Kind.TASK, reason="解除")
    assert await line.entries.alert() is None
    await line.assigned("p2")
    assert await line.sweeping().shorten(NOW) == 0


async def test_the_gravest_warning_counts(line: Line) -> None:
    await _alert(line, "t1", "yellow")
    await _alert(line, "t2", "red")
    alert = await line.entries.alert()
    assert alert is not None and alert.level == "red"


async def test_only_the_product_says_that_a_warning_ordered_a_task(line: Line) -> None:
    body = {"clause": "14.1", "text": "x", "department": "housing",
            "alert": {"episode": "2026-11-23", "level": "red"}}  # fmt: skip
    command = Command(
        id="c", kind=Kind.TASK, entry="t9", name="create", body=body, actor=LEAD, issued_at=NOW
    )
    answer = await line.handler.handle(command)
    assert answer.refusal is not None and answer.refusal.errors[0].pointer == "/alert"


@pytest.mark.parametrize("moment", [NOW, NOW + DAY])
async def test_what_is_not_worked_on_is_not_shortened(line: Line, moment: datetime) -> None:
    line.clock.turn(moment - line.clock.now())
    await line.assigned("p1")
    await line.tell("suspend", "p1", Actor(id="c", role="coordinator"), reason="停工")
    assert await line.entries.unshortened("2026-11-23", 10) == []
