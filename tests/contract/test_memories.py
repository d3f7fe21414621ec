"""Rule states and raw signals: the same promises over memory and over the real engine."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.adapters.memory.memories import Kept, MemoryMemories, MemorySignals
from shared.adapters.memory.store import Store
from shared.adapters.mongo.client import Database
from shared.adapters.mongo.memories import MongoMemories
from shared.adapters.mongo.signals import MongoSignals
from shared.application.signals.ports import (
    Clash,
    Memory,
    Outbound,
    RuleMemories,
    SignalStore,
    Step,
    Taken,
)
from shared.contract.trace import Trace
from shared.declaration.signal import Observed, SignalData
from tests.contract.world import TurnedClock

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)


@dataclass
class Side:
    memories: RuleMemories
    signals: SignalStore


@pytest.fixture(params=["memory", "mongo"])
def side(request: pytest.FixtureRequest) -> Side:
    if request.param == "memory":
        store, kept = Store(), Kept()
        return Side(MemoryMemories(store, kept), MemorySignals(store, kept))
    database: Database = request.getfixturevalue("database")
    return Side(MongoMemories(database), MongoSignals(database, TurnedClock()))


def new(id_: str, state: str = "{}") -> Memory:
    return Memory(id=id_, revision=0, state=state)


def after(before: Memory, **said: object) -> Memory:
    fields = {"id": before.id, "revision": before.revision + 1, "state": before.state, **said}
    return Memory(**fields)  # type: ignore[arg-type]


def out(id_: str) -> Outbound:
    return Outbound(id_, "finding", "dust", "exceed:1", {"n": id_})


async def test_what_was_written_is_there(side: Side) -> None:
    first = after(new("r:a"), state='{"x":1}', positions={"t.dust.signals:0": 7}, wake_at=NOW)
    await side.memories.write([Step(new("r:a"), first)])
    assert await side.memories.load(["r:a", "r:b"]) == {"r:a": first}
    second = after(first, state='{"x":2}', positions={"t.dust.signals:0": 9, "t:1": 3})
    await side.memories.write([Step(first, second)])
    assert await side.memories.load(["r:a"]) == {"r:a": second}


async def test_an_outdated_write_clashes_and_leaves_the_others(side: Side) -> None:
    a = after(new("r:a"), state="1")
    await side.memories.write([Step(new("r:a"), a)])
    stale = Step(new("r:a"), after(new("r:a"), state="stale"), (out("lost"),))
    fine = Step(new("r:b"), after(new("r:b"), state="2"))
    with pytest.raises(Clash):
        await side.memories.write([stale, fine])
    found = await side.memories.load(["r:a", "r:b"])
    assert {id_: memory.state for id_, memory in found.items()} == {"r:a": "1", "r:b": "2"}
    with pytest.raises(Clash):
        await side.memories.write([Step(after(a), after(after(a), state="ahead"))])
    assert await side.memories.waiting(10) == []


async def test_findings_wait_until_they_are_sent(side: Side) -> None:
    a = after(new("r:a"))
    await side.memories.write([Step(new("r:a"), a, (out("1"), out("2")))])
    await side.memories.write([Step(a, after(a), (out("3"),))])
    waiting = await side.memories.waiting(10)
    assert [(id_, each.id) for id_, each in waiting] == [("r:a", "1"), ("r:a", "2"), ("r:a", "3")]
    assert waiting[0][1] == out("1")
    await side.memories.sent([("r:a", "1"), ("r:a", "3"), ("r:zz", "9")])
    assert [each.id for _, each in await side.memories.waiting(10)] == ["2"]


async def test_taking_out_what_was_sent_is_no_clash(side: Side) -> None:
    a = after(new("r:a"))
    await side.memories.write([Step(new("r:a"), a, (out("1"),))])
    await side.memories.sent([("r:a", "1")])
    await side.memories.write([Step(a, after(a))])


async def test_documents_are_due_from_their_time_on(side: Side) -> None:
    for id_, seconds in (("r:late", 60), ("r:now", 0), ("r:early", -60)):
        due = after(new(id_), wake_at=NOW + timedelta(seconds=seconds))
        await side.memories.write([Step(new(id_), due)])
    await side.memories.write([Step(new("r:never"), after(new("r:never")))])
    assert [memory.id for memory in await side.memories.due(NOW, 10)] == ["r:early", "r:now"]
    assert [memory.id for memory in await side.memories.due(NOW, 1)] == ["r:early"]


async def test_positions_can_be_asked_for_and_forgotten(side: Side) -> None:
    a = after(new("r:a"), positions={"t:0": 5, "t:1": 2})
    b = after(new("r:b"), positions={"t:0": 8})
    await side.memories.write([Step(new("r:a"), a), Step(new("r:b"), b)])
    assert await side.memories.highest() == {"t:0": 8, "t:1": 2}
    assert await side.memories.forget_positions() == 2
    assert await side.memories.highest() == {}
    with pytest.raises(Clash):
        await side.memories.write([Step(a, after(a))])


def taken(source: str, id_: str, offset: int) -> Taken:
    data = SignalData(device_id=source, observed_at=NOW)
    return Taken(Observed("dust", "site-monitor", data), source, id_, "t.dust.signals", 0, offset)


async def test_a_copy_is_known_by_source_and_id_and_a_redelivery_is_none(side: Side) -> None:
    first = [taken("a", "1", 0), taken("a", "2", 1), taken("b", "1", 2)]
    assert await side.signals.keep(first) == set()
    assert await side.signals.keep(first) == set(), "the same places again"
    again = [taken("a", "2", 5), taken("a", "3", 6), taken("b", "1", 7)]
    assert await side.signals.keep(again) == {0, 2}
    assert await side.signals.keep([]) == set()


async def test_a_copy_within_one_batch_counts_once(side: Side) -> None:
    assert await side.signals.keep([taken("a", "1", 0), taken("a", "1", 1)]) == {1}


async def test_a_finding_waits_with_the_trace_of_its_signal(side: Side) -> None:
    trace = Trace("a" * 32, "b" * 16, sampled=False, state="vendor=1")
    told = replace(out("f1"), trace=trace)
    await side.memories.write([Step(new("r:a"), after(new("r:a")), (told, out("f2")))])
    assert [each.trace for _, each in await side.memories.waiting(10)] == [trace, None]
