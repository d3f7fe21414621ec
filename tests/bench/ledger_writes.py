"""How many guarded writes a second the Mongo ledger takes: `python -m tests.bench.ledger_writes`.

Each is a whole decision: majority, journaled, with its outbox item, found fields and 17 indexes.
`--mongo URL` measures another server than a fresh local one; `--seconds N` takes longer.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from uuid import uuid4

from shared.adapters.mongo.client import connect
from shared.adapters.mongo.indexes import ensure_indexes
from shared.adapters.mongo.ledger import MongoLedger
from shared.adapters.mongo.outbox import MongoOutbox
from shared.application.ports import Held, Ledger
from shared.domain.problem import Problem
from tests.contract.relay import relay_once
from tests.contract.samples import after, applied, problem, started
from tests.contract.world import County, TurnedClock
from tests.engines import new_mongo

ENTRIES_A_WRITER = 8
"""A real clerk does not write to one problem all day; the relay below keeps their outboxes short."""


async def _entries(ledger: Ledger, writer: int) -> list[Held]:
    return [await started(ledger, problem(f"w{writer}-{n}")) for n in range(ENTRIES_A_WRITER)]


async def _write(ledger: Ledger, held: list[Held], until: float) -> list[float]:
    """Seconds that each write took."""
    took: list[float] = []
    while time.perf_counter() < until:
        before = held.pop(0)
        assert isinstance(before.entry, Problem)
        new = after(before.entry, comment_count=before.entry.comment_count + 1)
        begun = time.perf_counter()
        assert await ledger.write(before, new, applied(new))
        took.append(time.perf_counter() - begun)
        held.append(Held(new, before.revision + 1))
    return took


async def measure(url: str, writers: int, seconds: float, relayed: bool) -> None:
    client = connect(url)
    name = f"bench_{uuid4().hex[:8]}"
    db, clock = client[name], TurnedClock()
    await ensure_indexes(db)
    ledger, outbox = MongoLedger(db, County(), clock), MongoOutbox(db, clock)
    over = asyncio.Event()

    async def relay() -> None:
        while relayed and not over.is_set():
            if not await relay_once(outbox):
                await asyncio.sleep(0.01)

    relaying = asyncio.create_task(relay())
    shares = [await _entries(ledger, n) for n in range(writers)]
    begun = time.perf_counter()
    each = await asyncio.gather(*(_write(ledger, own, begun + seconds) for own in shares))
    spent = time.perf_counter() - begun
    over.set()
    await relaying
    took = sorted(t for one in each for t in one)
    p99 = took[int(len(took) * 0.99)]
    print(
        f"{writers:>3} writers, relay {'on ' if relayed else 'off'}: {len(took) / spent:7.0f} "
        f"writes/s, median {statistics.median(took) * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms"
    )
    await client.drop_database(name)
    client.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mongo", help="mongodb://… of a running server")
    parser.add_argument("--seconds", type=float, default=3.0)
    asked = parser.parse_args()
    if asked.mongo:
        _measure_all(asked.mongo, asked.seconds)
        return
    with tempfile.TemporaryDirectory() as folder:
        engine = new_mongo(Path(folder))
        engine.prepare()
        engine.restart()
        try:
            _measure_all(engine.address, asked.seconds)
        finally:
            engine.stop()


def _measure_all(url: str, seconds: float) -> None:
    for writers in (1, 32):
        for relayed in (False, True):
            # Without a relay a document takes 200 items: a short run, so that none fills up.
            length = seconds if relayed else min(seconds, 1.0)
            asyncio.run(measure(url, writers, length, relayed))


if __name__ == "__main__":
    main()
