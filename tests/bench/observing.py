"""What observing costs: throughput of one line with metrics and traces on, against both off.

    python -m tests.bench.observing [--rounds N] [--share S] [--only signals|commands]

Signals come through the topic and all rules of the dust line; commands come through the topic into
the handler and the ledger. On: metrics recorded and scraped every 15 seconds, `--share` of the
traces told to a collector in a process of its own. Off: no collector, and in this benchmark alone
every metric records nothing. The two take turns; a ratio is the median over the rounds, on to off
within one round, once of the rate and once of the line's own CPU seconds per item, which a busy
machine disturbs less. Above 1: the same or better with observing on.
Starts its own broker and MongoDB and ends them.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import httpx
import psutil
from prometheus_client import Counter, Gauge, Histogram

from deploy.launcher.ports import free_ports
from deploy.launcher.provision import provision
from services.dust.line import LINE
from shared.adapters.kafka import Outbound, Producer
from shared.adapters.mongo.client import Database, connect
from shared.contract.envelope import COMMAND, encode, headers
from shared.contract.messages import Command
from shared.contract.topics import LineTopic, all_topics, line_topic
from shared.domain.actor import system
from shared.domain.entry import Kind
from shared.runtime.line.run import run_line
from shared.runtime.settings import Settings
from tests.bench.signal_rate import DEVICES, record
from tests.engines import new_kafka, new_mongo
from tests.fakes.collector import serve

SCRAPE_EVERY = 15.0
"""As the shipped Prometheus does."""
PATIENCE = 120
Count = Callable[[Database], Awaitable[int]]


@dataclass(frozen=True)
class Took:
    rate: float
    """Items per second."""
    cpu: float
    """CPU seconds of the line's process per 1,000 items."""


@dataclass(frozen=True)
class Work:
    name: str
    number: int
    records: Callable[[str, int], list[Outbound]]
    count: Count


def signals(ns: str, number: int) -> list[Outbound]:
    signal = LINE.signal("site-monitor")
    assert signal is not None, "dust has a site monitor"
    start = datetime.now(UTC) - timedelta(minutes=5 * (number // DEVICES + 2))
    topic = line_topic(ns, "dust", LineTopic.SIGNALS)
    return [replace(record(signal, n, start), topic=topic) for n in range(number)]


def commands(ns: str, number: int) -> list[Outbound]:
    return [_registering(ns, n) for n in range(number)]


def _registering(ns: str, number: int) -> Outbound:
    now, entry = datetime.now(UTC), str(uuid5(NAMESPACE_URL, f"entry {number}"))
    body = {
        "title": f"工地裸土未覆盖 {number}",
        "severity": "general",
        "source": "patrol",
        "location": {"lon": 116.31, "lat": 35.07, "town": "370828103"},
    }
    command = Command(
        id=str(uuid5(NAMESPACE_URL, f"command {number}")),
        kind=Kind.PROBLEM,
        entry=entry,
        name="register",
        body=body,
        actor=system("bench"),
        issued_at=now,
        reply=False,
    )
    topic = line_topic(ns, "dust", LineTopic.COMMANDS)
    described = headers(COMMAND, "bench", command.id, now, entry)
    return Outbound(topic, entry.encode(), encode(command), described)


async def _kept(db: Database) -> int:
    return int(await db.signals.estimated_document_count())


async def _registered(db: Database) -> int:
    # With the relay as part of the work: history is what it files before it publishes.
    return int(await db.history.count_documents({"kind": "problem"}))


async def measure(kafka: str, mongo: str, ns: str, work: Work, env: dict[str, str]) -> Took:
    """One line process over one namespace's records, from the first to the last of them."""
    await provision(kafka, all_topics(ns, (LINE.key, *LINE.follows)))
    producer = Producer(kafka, "bench", seconds=60)
    records = work.records(ns, work.number)
    for at in range(0, len(records), 5000):
        await producer.send_all(records[at : at + 5000])
    await producer.stop()
    (port,) = free_ports(1)
    client = connect(mongo)
    db = client[f"{ns}_dust"]
    on = bool(env)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.observing", "--line", "on" if on else "off",
        env={
            "PATH": "", "TENLINES_KAFKA": kafka, "TENLINES_MONGO": mongo,
            "TENLINES_NAMESPACE": ns, "TENLINES_PORT": str(port),
            "TENLINES_LOG_LEVEL": "WARNING", **env,
        },
    )  # fmt: skip
    try:
        async with _scraped(port, on):
            return await _watched(db, work, process)
    finally:
        process.kill()
        await process.wait()
        await client.drop_database(f"{ns}_dust")
        client.close()


async def _watched(db: Database, work: Work, process: asyncio.subprocess.Process) -> Took:
    begun, first, cpu, deadline = 0.0, 0, 0.0, time.perf_counter() + PATIENCE
    while True:
        assert process.returncode is None, "the line ended"
        done = await work.count(db)
        if done and not begun:
            begun, first, cpu = time.perf_counter(), done, _cpu(process.pid)
        if done >= work.number:
            break
        assert time.perf_counter() < deadline, f"{done} of {work.number} after {PATIENCE} s"
        await asyncio.sleep(0.02)
    did = work.number - first
    return Took(did / (time.perf_counter() - begun), (_cpu(process.pid) - cpu) / did * 1000)


def _cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


@asynccontextmanager
async def _scraped(port: int, on: bool) -> AsyncIterator[None]:
    async def scrape() -> None:
        async with httpx.AsyncClient(timeout=10) as http:
            while True:
                with contextlib.suppress(httpx.TransportError):  # it is starting
                    await http.get(f"http://127.0.0.1:{port}/metrics")
                await asyncio.sleep(SCRAPE_EVERY)

    task = asyncio.create_task(scrape()) if on else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()


async def compare(
    kafka: str, mongo: str, works: list[Work], rounds: int, on_env: dict[str, str]
) -> None:
    serial = 0
    for work in works:
        took: dict[bool, list[Took]] = {True: [], False: []}
        for turn in range(rounds):
            # Who goes first changes, so that neither always gets the warmer machine.
            for is_on in (True, False) if turn % 2 else (False, True):
                serial += 1
                env = on_env if is_on else {}
                took[is_on].append(await measure(kafka, mongo, f"b{serial}", work, env))
        pairs = list(zip(took[True], took[False], strict=True))
        rate = statistics.median(on.rate / off.rate for on, off in pairs)
        cpu = statistics.median(off.cpu / on.cpu for on, off in pairs)
        print(f"{work.name}: ratio of rates {rate:.3f}, by CPU seconds {cpu:.3f}", flush=True)
        for is_on, each in took.items():
            rates = ", ".join(f"{t.rate:.0f}" for t in each)
            cpus = ", ".join(f"{t.cpu:.3f}" for t in each)
            print(f"  {'on ' if is_on else 'off'}: {rates} /s; CPU s per 1,000: {cpus}", flush=True)


def _record_nothing() -> None:
    """Every metric of this process is deaf from now on; only a benchmark may want that."""

    def deaf(*_: object, **__: object) -> None: ...

    for kind in (Counter, Gauge, Histogram):
        kind.labels = lambda self, *_, **__: self  # type: ignore[method-assign]
        for name in ("inc", "dec", "set", "observe", "set_function", "set_to_current_time"):
            if hasattr(kind, name):
                setattr(kind, name, deaf)


def main() -> None:
    default = float(Settings.model_fields["traces_share"].default)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--share", type=float, default=default)
    parser.add_argument("--signals", type=int, default=20_000)
    parser.add_argument("--commands", type=int, default=5_000)
    parser.add_argument("--only", choices=("signals", "commands"))
    parser.add_argument("--line", choices=("on", "off"), help=argparse.SUPPRESS)
    parser.add_argument("--collector", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.collector:
        serve(asked.collector)
    if asked.line:
        if asked.line == "off":
            _record_nothing()
        run_line(LINE)
        return
    works = [
        Work("signals", asked.signals, signals, _kept),
        Work("commands", asked.commands, commands, _registered),
    ]
    works = [work for work in works if asked.only in (None, work.name)]
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory() as folder:
        kafka, mongo = new_kafka(Path(folder) / "kafka"), new_mongo(Path(folder) / "mongo")
        collector = psutil.Popen(
            [sys.executable, "-m", "tests.bench.observing", "--collector", str(port)]
        )
        try:
            for engine in (kafka, mongo):
                engine.prepare()
                engine.start()
            kafka.wait_ready()
            mongo.wait_ready()
            print(f"share of traces told: {asked.share:g}, {asked.rounds} rounds", flush=True)
            on = {
                "TENLINES_TRACES": f"http://127.0.0.1:{port}",
                "TENLINES_TRACES_SHARE": str(asked.share),
            }
            asyncio.run(compare(kafka.address, mongo.address, works, asked.rounds, on))
        finally:
            collector.kill()
            kafka.stop()
            mongo.stop()


if __name__ == "__main__":
    main()
