"""The database does not confirm: the caller looks again by command id and finds the truth."""

import asyncio
import time

import pytest

from deploy.launcher.mongo import Mongo
from shared.adapters.memory.store import Store, When
from shared.adapters.mongo.client import connect
from shared.adapters.mongo.indexes import ensure_indexes
from shared.adapters.mongo.ledger import MongoLedger
from shared.application.ports import Unavailable
from shared.domain.problem import Problem
from tests.contract.conftest import memory_world
from tests.contract.samples import after, applied, held, problem, started
from tests.contract.world import County, TurnedClock


class Once:
    """Fails one named step, before or after its effect."""

    def __init__(self, step: str, when: When) -> None:
        self.step, self.when = step, when
        self.fired = False

    def __call__(self, step: str, when: When) -> None:
        if not self.fired and (step, when) == (self.step, self.when):
            self.fired = True
            raise Unavailable(f"{when} {step}")


@pytest.mark.parametrize(("when", "in_effect"), [("before", False), ("after", True)])
async def test_memory_fails_on_either_side_of_the_effect(when: When, in_effect: bool) -> None:
    store = Store()
    world = memory_world(store)
    before = await started(world.ledger)
    assert isinstance(before.entry, Problem)
    new = after(before.entry)
    store.fault = fault = Once("write", when)
    with pytest.raises(Unavailable):
        await world.ledger.write(before, new, applied(new, "c2"))
    assert fault.fired
    found = await world.ledger.find("p1", "c2")
    assert (found.answer is not None) is in_effect
    assert found.held is not None and (found.held.entry == new) is in_effect
    assert await world.ledger.write(before, new, applied(new, "c2")) is not in_effect


async def test_memory_lets_others_in_between_two_steps() -> None:
    world = memory_world(Store())
    await started(world.ledger)
    seen = 0

    async def others() -> None:
        nonlocal seen
        while True:
            seen += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    await world.ledger.find("p1", "none")
    task.cancel()
    assert seen >= 2


async def test_a_stopped_engine_is_unavailable_and_its_effect_unknown(own_mongo: Mongo) -> None:
    client = connect(own_mongo.address, socket_ms=1_000)
    db = client["cut_dust"]
    await ensure_indexes(db)
    ledger = MongoLedger(db, County(), TurnedClock())
    before = await started(ledger)
    assert isinstance(before.entry, Problem)
    new = after(before.entry)

    assert own_mongo.child is not None
    own_mongo.child.pause()
    begun = time.monotonic()
    try:
        with pytest.raises(Unavailable):
            await ledger.write(before, new, applied(new, "c2"))
    finally:
        own_mongo.child.resume()
    assert time.monotonic() - begun < 15, "a hanging engine is noticed in bounded time"

    # The write was on its way: it may be in effect or not, but once, and its answer says which.
    async with asyncio.timeout(30):
        while True:
            try:
                done = await ledger.write(before, new, applied(new, "c2"))
                found = await ledger.find("p1", "c2")
                break
            except Unavailable:
                await asyncio.sleep(0.1)
    assert found.answer is not None and found.held is not None
    assert (found.held.entry, found.held.revision) == (new, before.revision + 1)
    document = await db.entries.find_one({"_id": "p1"})
    assert document is not None and len(document["outbox"]) == 2, f"written again: {done}"
    client.close()


async def test_nothing_acknowledged_is_lost_when_the_engine_is_killed(own_mongo: Mongo) -> None:
    client = connect(own_mongo.address)
    db = client["kill_dust"]
    await ensure_indexes(db)
    ledger = MongoLedger(db, County(), TurnedClock())
    entries, acknowledged, unknown = 8, set[tuple[str, str]](), 0
    under_way = asyncio.Event()
    for n in range(entries):
        await started(ledger, problem(f"p{n}"))

    async def write(entry_id: str) -> None:
        nonlocal unknown
        try:
            for _ in range(150):
                before = await held(ledger, entry_id)
                assert isinstance(before.entry, Problem)
                new = after(before.entry)
                if await ledger.write(before, new, applied(new)):
                    acknowledged.add((entry_id, f"{entry_id}-c{new.version}"))
                    if len(acknowledged) >= 100:
                        under_way.set()
        except Unavailable:
            unknown += 1

    async def kill() -> None:
        await under_way.wait()
        own_mongo.kill()

    async with asyncio.timeout(120):
        await asyncio.gather(kill(), *(write(f"p{n}") for n in range(entries)))
    assert unknown == entries, "every writer was told that it does not know"
    own_mongo.restart()
    for entry_id, command in sorted(acknowledged):
        found = await ledger.find(entry_id, command)
        assert found.answer is not None, (entry_id, command)
    for n in range(entries):
        last = (await held(ledger, f"p{n}")).entry
        changes = await ledger.history(f"p{n}", 0, 1000)
        assert [c.version for c in changes] == list(range(1, last.version + 1))
    client.close()


async def test_no_engine_at_all_is_unavailable() -> None:
    ledger = MongoLedger(connect("mongodb://127.0.0.1:9")["none"], County(), TurnedClock())
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        await ledger.find("p1", "c1")
    assert time.monotonic() - begun < 8
