"""What it costs to be watched: a line's throughput with metrics and traces against without, in one run.

    python -m tests.bench.observing [SIGNALS] [PAIRS]

Watched: every metric counted, scraped every five seconds, and traces told to a collector in a process
of its own at the share that is shipped. Unwatched: no collector, nobody scrapes, and counting is taken
out of the Prometheus client, which the product itself cannot do. The runs alternate, so that a machine
that gets slower does so for both; the processor's seconds a signal are told beside the rate, because
they hardly change with what else the machine does. Signals with 5 % findings; engines of its own.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import sys
import tempfile
from dataclasses import dataclass
from multiprocessing.queues import Queue
from pathlib import Path

import httpx
import prometheus_client
import psutil

from deploy.launcher.kafka import Kafka
from deploy.launcher.mongo import Mongo
from deploy.launcher.ports import free_ports
from deploy.launcher.provision import provision
from services.dust.line import LINE
from shared.contract.topics import all_topics
from shared.runtime.line.run import run_line
from shared.runtime.settings import Settings
from tests.bench.signal_rate import line_rate, produce
from tests.engines import new_kafka, new_mongo
from tests.fakes.collector import collecting

SCRAPE_SECONDS = 5


def _nothing(*_: object, **__: object) -> None: ...


def _uncounted() -> None:
    for kind, methods in (
        (prometheus_client.Counter, ("inc",)),
        (prometheus_client.Gauge, ("set", "inc", "dec", "set_function")),
        (prometheus_client.Histogram, ("observe",)),
    ):
        for method in methods:
            setattr(kind, method, _nothing)


def _collect(address: Queue[str]) -> None:
    with collecting() as collector:
        address.put(collector.url)
        while True:
            multiprocessing.Event().wait()


async def _scraped(port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as http:
        while True:
            await asyncio.sleep(SCRAPE_SECONDS)
            try:
                (await http.get("/metrics")).raise_for_status()
            except httpx.TransportError:
                continue  # not listening yet


@dataclass(frozen=True)
class Run:
    rate: float
    """Signals a second."""
    cpu: float
    """Processor seconds a thousand signals, the start of the process among them."""


async def _run(kafka: Kafka, mongo: Mongo, ns: str, count: int, collector: str) -> Run:
    """A line of its own, from its own topics into its own database."""
    await provision(kafka.address, all_topics(ns, (LINE.key, *LINE.follows)))
    await produce(kafka.address, count, ns)
    (port,) = free_ports(1)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.observing", "--line" if collector else "--unwatched",
        env={
            "PATH": "",
            "TENLINES_KAFKA": kafka.address,
            "TENLINES_MONGO": mongo.address,
            "TENLINES_NAMESPACE": ns,
            "TENLINES_PORT": str(port),
            "TENLINES_LOG_LEVEL": "WARNING",
            "TENLINES_TRACES": collector,
        },
    )  # fmt: skip
    scraping = asyncio.create_task(_scraped(port)) if collector else None
    try:
        rate, _ = await line_rate(mongo.address, count, process, ns)
        used = psutil.Process(process.pid).cpu_times()
        return Run(rate, (used.user + used.system) / count * 1000)
    finally:
        if scraping is not None:
            scraping.cancel()
        process.kill()
        await process.wait()


async def measure(kafka: Kafka, mongo: Mongo, count: int, pairs: int, collector: str) -> None:
    runs: dict[bool, list[Run]] = {True: [], False: []}
    for number in range(2 * pairs):
        watched = number % 4 in (1, 2)  # off, on, on, off: neither is always first
        run = await _run(kafka, mongo, f"bench-{number}", count, collector if watched else "")
        runs[watched].append(run)
        name = "watched" if watched else "unwatched"
        print(f"{name:10} {run.rate:6.0f} signals/s, {run.cpu:.3f} cpu s/1,000", flush=True)
    on, off = (
        Run(
            statistics.median(run.rate for run in runs[watched]),
            statistics.median(run.cpu for run in runs[watched]),
        )
        for watched in (True, False)
    )
    print(
        f"watched / unwatched: rate {on.rate / off.rate:.3f}, by processor time "
        f"{off.cpu / on.cpu:.3f} (medians of {pairs}; traces at {Settings().traces_share:g})"
    )


def main(count: int, pairs: int) -> None:
    address: Queue[str] = multiprocessing.Queue()
    collector = multiprocessing.Process(target=_collect, args=(address,), daemon=True)
    collector.start()
    with tempfile.TemporaryDirectory() as folder:
        kafka, mongo = new_kafka(Path(folder) / "kafka"), new_mongo(Path(folder) / "mongo")
        for engine in (kafka, mongo):
            engine.prepare()
            engine.start()
        try:
            kafka.wait_ready()
            mongo.wait_ready()
            asyncio.run(measure(kafka, mongo, count, pairs, address.get(timeout=20)))
        finally:
            kafka.stop()
            mongo.stop()
            collector.kill()


if __name__ == "__main__":
    if sys.argv[1:] == ["--line"]:
        run_line(LINE)
    elif sys.argv[1:] == ["--unwatched"]:
        _uncounted()
        run_line(LINE)
    else:
        main(*(int(said) for said in (*sys.argv[1:], *("30000", "4")[len(sys.argv) - 1 :])))
