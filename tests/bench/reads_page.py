"""How long a page of 50 takes among 100,000 problems: `python -m tests.bench.reads_page`.

Filters, orders, search, a page deep in the list and exact totals, through the reads and, for one
of them, through the whole HTTP application. `--problems N` and `--rounds N` change the size;
`--mongo URL` measures another server than a fresh local one.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from services.dust.line import LINE
from shared.adapters.mongo.client import Collection, connect
from shared.adapters.mongo.documents import entry_document
from shared.adapters.mongo.indexes import ensure_entry_indexes
from shared.adapters.mongo.reads import MongoReads
from shared.adapters.pack.load import load_pack
from shared.application.findable import query_tokens
from shared.application.reads import Box, ProblemFilter, ProblemSort
from shared.contract.messages import Answer, Command
from shared.declaration.county.county import County
from shared.declaration.county.keys import LINE_KEYS
from shared.domain.problem import Severity, Status
from shared.runtime.http.api import Api
from shared.runtime.http.app import create_app
from tests.bench.problems import many_problems
from tests.engines import new_mongo

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LIMIT = 50


async def _fill(entries: Collection, county: County, count: int) -> None:
    problems = many_problems(county, LINE_KEYS, count, NOW)
    while batch := [entry_document(each, 1, county) for each in islice(problems, 500)]:
        await entries.insert_many(batch, ordered=False)


@dataclass
class _NobodyCommands:
    async def submit(self, command: Command, line: str | None, wait: float) -> Answer | None:
        return None


class _Clock:
    def now(self) -> datetime:
        return NOW


def _app(reads: MongoReads, county: County) -> httpx.AsyncClient:
    async def cards() -> list[Any]:
        return []

    api = Api(reads, _NobodyCommands(), county, _Clock(), cards, None)
    transport = httpx.ASGITransport(app=create_app(api, LINE.key, {}))
    return httpx.AsyncClient(transport=transport, base_url="http://bench")


QUERIES: dict[str, tuple[ProblemFilter, ProblemSort]] = {
    "newest": (ProblemFilter(), ProblemSort.NEWEST),
    "one line": (ProblemFilter(lines=("dust",)), ProblemSort.NEWEST),
    "line, open states, town": (
        ProblemFilter(
            lines=("dust", "coal"),
            statuses=(Status.REGISTERED, Status.ASSIGNED, Status.RECTIFYING),
            towns=("370828103",),
        ),
        ProblemSort.NEWEST,
    ),
    "department, serious, by due time": (
        ProblemFilter(departments=("housing",), severities=(Severity.SERIOUS,)),
        ProblemSort.DUE_FIRST,
    ),
    "overdue, by due time": (ProblemFilter(overdue=True), ProblemSort.DUE_FIRST),
    "gravest first": (ProblemFilter(), ProblemSort.GRAVEST),
    "search 金济河 裸土": (
        ProblemFilter(tokens=tuple(query_tokens("金济河 裸土"))),
        ProblemSort.NEWEST,
    ),
    "search one number": (
        ProblemFilter(tokens=tuple(query_tokens("扬尘-2026-00777"))),
        ProblemSort.NEWEST,
    ),
    "small box": (ProblemFilter(within=Box(116.30, 35.00, 116.31, 35.01)), ProblemSort.NEWEST),
    "one month": (
        ProblemFilter(
            reported_from=NOW - timedelta(days=400), reported_before=NOW - timedelta(days=370)
        ),
        ProblemSort.OLDEST,
    ),
}


async def _timed(what: str, rounds: int, once: Callable[[], Awaitable[object]]) -> None:
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        await once()
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    p99 = took[min(len(took) - 1, int(len(took) * 0.99))]
    print(f"{what:45} median {statistics.median(took):7.1f} ms   p99 {p99:7.1f} ms")


async def measure(url: str, count: int, rounds: int) -> None:
    county = load_pack(Path("deploy/counties/jinxiang-370828"))
    client = connect(url)
    name = f"bench_{uuid4().hex[:8]}"
    entries = client[name].entries
    try:
        begun = time.perf_counter()
        await ensure_entry_indexes(entries)
        await _fill(entries, county, count)
        print(f"{count} problems with their indexes in {time.perf_counter() - begun:.0f} s")
        reads = MongoReads(client[name])
        for what, (which, sort) in QUERIES.items():
            page = await reads.problems(which, sort, NOW, LIMIT)
            await _timed(
                f"page of {len(page.items):2}: {what}",
                rounds,
                partial(reads.problems, which, sort, NOW, LIMIT),
            )
        deep = (0, NOW - timedelta(days=365), "5")
        await _timed(
            "page of 50: newest, half-way down",
            rounds,
            lambda: reads.problems(ProblemFilter(), ProblemSort.NEWEST, NOW, LIMIT, deep),
        )
        for what in ("one line", "line, open states, town", "search 金济河 裸土"):
            which, _ = QUERIES[what]
            few = max(3, rounds // 20)
            await _timed(f"exact total: {what}", few, partial(reads.count_problems, which, NOW))
        await _timed("census of all lines", max(3, rounds // 20), lambda: reads.census(NOW))
        http = _app(reads, county)
        query = "/v1/problems?line=dust&status=closed&town=370828103&sort=due_at"
        await _timed("over HTTP: line, state, town, by due time", rounds, lambda: http.get(query))
        await http.aclose()
    finally:
        await client.drop_database(name)
        client.close()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--problems", type=int, default=100_000)
    arguments.add_argument("--rounds", type=int, default=100)
    arguments.add_argument("--mongo", help="mongodb:// URL; a fresh local engine when left out")
    given = arguments.parse_args()
    if given.mongo:
        asyncio.run(measure(given.mongo, given.problems, given.rounds))
        return
    with tempfile.TemporaryDirectory() as folder:
        engine = new_mongo(Path(folder))
        engine.prepare()
        engine.start()
        try:
            engine.wait_ready()
            asyncio.run(measure(engine.address, given.problems, given.rounds))
        finally:
            engine.stop()


if __name__ == "__main__":
    main()
