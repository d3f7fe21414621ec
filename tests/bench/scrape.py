"""What the metrics cost with 100,000 problems: `python -m tests.bench.scrape`.

A whole county runs, each process for itself. Line dust and the gateway are scraped as Prometheus
does it, before there is any problem (the floor) and, started again, with the problems in both
databases; the counts that refresh their gauges are timed by themselves. `--problems N` and
`--scrapes N` change the size.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from deploy.launcher.world import World
from services.gateway.live_model import LiveModel
from services.gateway.reads import GatewayReads
from shared.adapters.mongo.client import Collection, connect
from shared.adapters.mongo.counters import Marker
from shared.adapters.mongo.documents import entry_document
from shared.adapters.mongo.indexes import ensure_indexes
from shared.adapters.mongo.reads import MongoReads
from shared.adapters.pack.load import load_pack
from shared.application.findable import cell
from shared.application.reads import Reads
from shared.declaration.county.county import County
from shared.declaration.county.keys import DESK_KEY, LINE_KEYS
from shared.domain.problem import Problem
from shared.runtime.clock import SystemClock
from shared.runtime.ledger_looks import ledger_looks
from tests.bench.problems import many_problems
from tests.waiting import soon

NAMESPACE = "bench"
LINE, GATEWAY = "dust", "gateway"
SCRAPED = (LINE, GATEWAY)
PROCESSES = (*LINE_KEYS, DESK_KEY, GATEWAY)
APART_SECONDS = 0.5
"""Between two scrapes: fifty then meet at least two refreshes of the gauges."""
COUNTS = 11
PATIENCE_MS = 120_000
"""What fills the databases may wait longer than a service would."""


@dataclass
class Found:
    """Milliseconds by what was timed, and what one scrape of each process holds."""

    took: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    series: dict[str, Counter[str]] = field(default_factory=dict)
    """Process → family → its series."""

    def time(self, process: str, what: str, begun: float) -> None:
        took = (time.perf_counter() - begun) * 1000
        self.took.setdefault((process, what), []).append(took)


def _series(text: str) -> Counter[str]:
    families = text_string_to_metric_families(text)
    return Counter({family.name: len(family.samples) for family in families})


async def _look(http: Mapping[str, httpx.AsyncClient], reads: Mapping[str, Reads], n: int) -> Found:
    found = Found()
    for _ in range(n):
        for process in SCRAPED:
            begun = time.perf_counter()
            (await http[process].get("/metrics")).raise_for_status()
            found.time(process, "scrape", begun)
        await asyncio.sleep(APART_SECONDS)
    for process, asked in reads.items():
        for what, count in ledger_looks(asked, SystemClock(), ()).items():
            for _ in range(COUNTS):
                begun = time.perf_counter()
                await count()
                found.time(process, f"count {what}", begun)
    for process in PROCESSES:
        text = (await http[process].get("/metrics")).text
        found.bytes[process], found.series[process] = len(text.encode()), _series(text)
    return found


async def _fill(entries: Collection, problems: Iterable[Problem], county: County) -> None:
    """Without indexes: building them over all is many times quicker than growing them."""
    await entries.drop_indexes()
    documents = (entry_document(each, 1, county) for each in problems)
    while batch := list(islice(documents, 1_000)):
        await entries.insert_many(batch, ordered=False)


async def _shown(http: httpx.AsyncClient, count: int) -> None:
    """Returns when the process's own gauges say that it has so many problems."""

    async def all_there() -> bool:
        text = (await http.get("/metrics")).text
        families = text_string_to_metric_families(text)
        problems = next(each for each in families if each.name == "tenlines_problems")
        return sum(sample.value for sample in problems.samples) == count

    await soon(all_there, 60)


async def measure(world: World, count: int, scrapes: int) -> None:
    county, clock = load_pack(Path("deploy/counties/jinxiang-370828")), SystemClock()
    client = connect(world.mongo_address, socket_ms=PATIENCE_MS)
    line, gateway = (client[f"{NAMESPACE}_{owner}"] for owner in SCRAPED)
    model = LiveModel(gateway, county, Marker("bench", "0"), clock)
    await model.refresh()
    reads = {LINE: MongoReads(line), GATEWAY: GatewayReads(gateway, model)}
    http = {name: httpx.AsyncClient(base_url=world.address(name), timeout=30) for name in PROCESSES}
    try:
        floor = await _look(http, reads, scrapes)
        for process in SCRAPED:
            world.kill(process)
        begun, now = time.perf_counter(), datetime.now(UTC)
        await _fill(line.entries, many_problems(county, (LINE,), count, now), county)
        await ensure_indexes(line)
        everywhere = list(many_problems(county, LINE_KEYS, count, now))
        await _fill(gateway[f"entries{model.suffix()}"], everywhere, county)
        await model.generations.prepare(model.current.generation)
        cells = sorted({cell(each) for each in everywhere})
        for first in range(0, len(cells), 1_000):
            async with model.current.counters.changing(cells[first : first + 1_000]):
                pass  # what the entries are is known by now; the cells are counted
        seconds = time.perf_counter() - begun
        print(f"{count} problems at each in {seconds:.0f} s; {len(cells)} cells at the gateway")
        for process in SCRAPED:
            world.restart(process)  # nothing else goes on here meanwhile
        await asyncio.gather(*(_shown(http[process], count) for process in SCRAPED))
        _print(floor, await _look(http, reads, scrapes))
    finally:
        for each in http.values():
            await each.aclose()
        client.close()


def _print(floor: Found, full: Found) -> None:
    print(f"{'ms':30} {'floor':>7} {'p99':>7}    {'full':>7} {'p99':>7}  {'ratio':>6}")
    for key, took in full.took.items():
        (low, low_99), (high, high_99) = _spread(floor.took[key]), _spread(took)
        print(
            f"{' '.join(key):30} {low:7.1f} {low_99:7.1f}    {high:7.1f} {high_99:7.1f}  "
            f"{high / low:6.2f}"
        )
    print(f"{'series':30} {'floor':>7} {'':7}    {'full':>7} {'KiB':>7}  most of them")
    for process in SCRAPED:
        most = ", ".join(f"{name} {n}" for name, n in full.series[process].most_common(3))
        print(
            f"{process:30} {floor.series[process].total():7} {'':7}    "
            f"{full.series[process].total():7} {full.bytes[process] / 1024:7.0f}  {most}"
        )
    low, high = (sum(each.total() for each in of.series.values()) for of in (floor, full))
    print(f"{f'all {len(PROCESSES)} processes':30} {low:7} {'':7}    {high:7}")


def _spread(took: list[float]) -> tuple[float, float]:
    """Median and p99; of fewer than a hundred the latter is the slowest."""
    ordered = sorted(took)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--problems", type=int, default=100_000)
    arguments.add_argument("--scrapes", type=int, default=50)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), namespace=NAMESPACE, only=PROCESSES)
        try:
            world.start()
            asyncio.run(measure(world, given.problems, given.scrapes))
        finally:
            world.stop()


if __name__ == "__main__":
    main()
