"""How long a sweep takes: `python -m tests.bench.sweep [open] [due]`, 100,000 and 1,000 unless told.

Prints the seconds for all that is due, through the one handler on the real engine (majority,
journaled, with outbox, history and answer), beside a floor of as many bare guarded updates, and the
time of a look that finds nothing.
"""

import asyncio
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import uvloop

from shared.adapters.mongo.client import Database, connect
from shared.adapters.mongo.documents import entry_document
from shared.adapters.mongo.indexes import ensure_indexes
from shared.adapters.mongo.ledger import MongoLedger
from shared.adapters.mongo.sweeping import MongoDueEntries
from shared.application.handler import Handler
from shared.application.sweeping import AT_ONCE, Sweeping
from shared.domain.problem import Problem
from shared.runtime.process import keep_what_is_loaded
from tests.contract.world import TurnedClock
from tests.engines import new_mongo
from tests.fakes.timing import TIMING
from tests.unit.domain.world import HOUR, NOW, SmallCounty, do, facts, register

COUNTY = SmallCounty()
_BATCH = 2_000


def _problems(of: Problem, first: int, last: int) -> list[dict[str, object]]:
    return [
        {**entry_document(of.model_copy(update={"id": f"p{n}"}), 1, COUNTY), "outbox": []}
        for n in range(first, last)
    ]


async def _fill(db: Database, many: int, due: int) -> None:
    """`due` of them were assigned long before the others."""
    late = do(register(source="patrol"), "assign")
    fresh = do(register(source="patrol"), "assign", at=NOW + 201 * HOUR)
    for first in range(0, many, _BATCH):
        for of, begin, end in (
            (late, first, min(first + _BATCH, due)),
            (fresh, max(first, due), min(first + _BATCH, many)),
        ):
            if begin < end:
                await db.entries.insert_many(_problems(of, begin, end), ordered=False)


async def _floor(db: Database, count: int) -> float:
    room = asyncio.Semaphore(AT_ONCE)
    await db.bare.insert_many([{"_id": n, "revision": 1} for n in range(count)])

    async def one(n: int) -> None:
        async with room:
            await db.bare.update_one({"_id": n, "revision": 1}, {"$set": {"revision": 2}})

    begun = time.perf_counter()
    await asyncio.gather(*map(one, range(count)))
    return time.perf_counter() - begun


async def measure(url: str, many: int, due: int) -> None:
    client = connect(url)
    db, clock = client["bench_sweep"], TurnedClock()
    await ensure_indexes(db)
    await _fill(db, many, due)
    ledger, entries = MongoLedger(db, COUNTY, clock), MongoDueEntries(db)
    clock.turn(201 * HOUR + timedelta(minutes=1))
    sweeping = Sweeping("dust", TIMING, entries, Handler(facts(), COUNTY, ledger, clock))
    keep_what_is_loaded()  # as a service does when it starts
    floor = await _floor(db, due)
    begun = time.perf_counter()
    pressed = await sweeping.press(clock.now())
    took = time.perf_counter() - begun
    begun = time.perf_counter()
    again = await sweeping.press(clock.now())
    nothing = time.perf_counter() - begun
    assert (pressed, again) == (due, 0), (pressed, again)
    print(f"{many} open, {due} due: {took:.2f} s ({due / took:.0f}/s), floor {floor:.2f} s, "
          f"ratio {floor / took:.2f}; a look that finds nothing {nothing * 1000:.1f} ms")  # fmt: skip
    client.close()


def main() -> None:
    many, due = (*map(int, sys.argv[1:3]), *(100_000, 1_000)[len(sys.argv) - 1 :])
    with tempfile.TemporaryDirectory() as folder:
        engine = new_mongo(Path(folder))
        engine.prepare()
        engine.restart()
        try:
            uvloop.run(measure(engine.address, many, due))
        finally:
            engine.stop()


if __name__ == "__main__":
    main()
