"""How long a month's ranking takes over a county's years of problems.

    python -m tests.bench.month_ranking [PROBLEMS]

Prints figures; asserts nothing about time.
"""

import asyncio
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.adapters.mongo.client import connect
from shared.adapters.mongo.documents import entry_document, history_id
from shared.adapters.mongo.generations import Generations
from shared.adapters.mongo.reads_month import MongoMonthReads
from shared.adapters.pack import load_pack
from shared.application.reports.ranking import work_ranking
from shared.domain.calendar_month import CalendarMonth
from shared.domain.problem import Status
from shared.domain.work_score import By
from shared.runtime.clock import SystemClock
from shared.runtime.settings import Settings
from tests.contract.samples import problem
from tests.engines import new_mongo

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
VERSIONS, YEARS = 10, 3


async def bench(url: str, problems: int) -> None:
    county, rng = load_pack(Settings().county), random.Random(1)
    client = connect(url)
    db = client["bench_gateway"]
    await Generations(db, SystemClock()).targets()
    towns = [town.code for town in county.towns]
    for start in range(0, problems, 1000):
        entries, changes = [], []
        for n in range(start, min(problems, start + 1000)):
            reported = NOW - timedelta(days=rng.uniform(0, 365 * YEARS))
            closed = reported + timedelta(days=rng.uniform(1, 30))
            done = closed < NOW
            entry = problem(
                f"p{n}", VERSIONS, reported_at=reported, updated_at=min(closed, NOW),
                town=rng.choice(towns), due_at=reported + timedelta(days=10),
                status=Status.CLOSED if done else Status.RECTIFYING,
                closed_at=closed if done else None,
            )  # fmt: skip
            entries.append(entry_document(entry, VERSIONS, county))
            span = (entry.updated_at - reported) / VERSIONS
            changes += [
                {
                    "_id": history_id(entry.id, v),
                    "entry": entry.id,
                    "at": (reported + span * v).isoformat().replace("+00:00", "Z"),
                    "changed": {"status": ["rectifying", entry.status.value]},
                }
                for v in range(1, VERSIONS + 1)
            ]
        await db.entries_1.insert_many(entries)
        await db.history_1.insert_many(changes)
    reads = MongoMonthReads(db, lambda: "_1")
    print(f"{problems} problems over {YEARS} years, {VERSIONS} versions each")
    for key in ("2026-11", "2026-10", "2026-06", "2025-11"):
        began = time.perf_counter()
        found = await work_ranking(reads, county, CalendarMonth.parse(key), By.TOWN, NOW)
        held = sum(row.score.tally.in_hand for row in found.rows)
        print(f"{key}: {time.perf_counter() - began:.2f} s, {held} in hand")
    client.close()


def main() -> None:
    problems = int(sys.argv[1]) if len(sys.argv) > 1 else 30_000
    with TemporaryDirectory() as folder:
        engine = new_mongo(Path(folder))
        engine.prepare()
        engine.start()
        try:
            engine.wait_ready()
            asyncio.run(bench(engine.address, problems))
        finally:
            engine.stop()


if __name__ == "__main__":
    main()
