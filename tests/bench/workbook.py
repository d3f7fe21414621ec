"""How long ledgers take as files, and how much memory: `python -m tests.bench.workbook [N]`.

Exports N problems (10,000; up to 1,000,000) as xlsx and csv over HTTP from a line's real routes over
prepared pages, so that what is measured is the files and not the database; then dry-runs and imports
up to 20,000 new rows through the line's own handler in memory. Each step runs in a process of its
own, whose peak memory is its alone.
"""

import argparse
import asyncio
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from shared.application.ledgers.sheet import ROWS_MOST
from shared.application.reads import Page
from shared.domain.entry import Place
from shared.domain.problem import Problem
from tests.contract.samples import CLERK, START, problem
from tests.unit.http.world import LEAD, LineWorld
from tests.unit.ledgers.files import good, xlsx

_WHAT = "巡查发现工地约两亩裸土未覆盖,围挡破损,雾炮未开启,渣土车出场未冲洗,要求三日内整改并报送照片"


def _one(n: int, draw: Random) -> Problem:
    return problem(
        f"p{n:07}",
        number=f"扬尘-2026-{n:07}",
        category="bare_soil",
        description=_WHAT[: draw.randrange(10, len(_WHAT))],
        unit="housing",
        town="370828103",
        clause="14.1",
        source="patrol",
        location=Place(lon=116.1 + draw.random() * 0.4, lat=34.9 + draw.random() * 0.3),
        found_at=START - timedelta(minutes=n % 500_000),
        assigned_at=START,
        due_at=START + timedelta(days=15),
        progress={"text": "已覆盖八成,余下周五前完成", "at": START, "by": CLERK},
        evidence=[
            {"kind": "after", "sha256": f"{n:064x}", "attached_at": START, "attached_by": CLERK}
        ],
    )


def _world(count: int) -> LineWorld:
    """A line with `count` problems that are made as they are read: no memory of the bench's own."""
    world, draw = LineWorld(), Random(7)
    few = [_one(n, draw) for n in range(1000)]

    async def page(which: Any, sort: Any, now: Any, limit: int, after: Any = None) -> Page[Problem]:
        start = after[0] if after else 0
        end = min(start + limit, count)
        items = [
            few[n % 1000].model_copy(update={"id": f"p{n}", "number": f"扬尘-2026-{n:07}"})
            for n in range(start, end)
        ]
        return Page(tuple(items), (end,) if end < count else None)

    setattr(world.reads, "problems", page)  # noqa: B010
    return world


async def _export(count: int, form: str) -> str:
    world, longest = _world(count), 0.0
    sent, started, first = 0, time.perf_counter(), None

    async def watch() -> None:
        nonlocal longest
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.005)
            longest = max(longest, time.perf_counter() - begun - 0.005)

    async def send(message: Any) -> None:
        nonlocal sent, first
        first = first or time.perf_counter() - started
        sent += len(message.get("body", b""))

    async def receive() -> Any:
        await asyncio.sleep(3600)

    watching = asyncio.create_task(watch())
    path = f"/v1/exports/problems.{form}"
    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(),
        "query_string": b"", "headers": [(b"host", b"bench")], "scheme": "http",
        "server": ("bench", 80), "client": None, "root_path": "", "http_version": "1.1",
    }  # fmt: skip
    await world.app(scope, receive, send)
    watching.cancel()
    return (
        f"{sent / 1e6:8.1f} MB, first byte after {first:.1f} s, loop held {longest * 1000:.0f} ms"
    )


async def _import(rows: int, path: str, dry_run: bool) -> str:
    world = LineWorld()
    raw = await asyncio.to_thread(Path(path).read_bytes)
    url = f"/v1/imports/problems?dry_run={str(dry_run).lower()}"
    got = await world.http.post(url, content=raw, headers=LEAD, timeout=None)
    assert got.status_code == 200 and got.json()["ok"], got.text[:500]
    assert len(got.json()["rows"]) == rows
    return f"{len(raw) / 1e6:8.1f} MB, {got.json()['counts']}"


def _measured(what: str, count: int, job: Callable[[], Coroutine[Any, Any, str]]) -> None:
    """In a child: the peak of a process never falls again."""

    def run() -> None:
        before = _peak()
        began, processor = time.perf_counter(), time.process_time()
        said = asyncio.run(job())
        took, cpu = time.perf_counter() - began, time.process_time() - processor
        print(
            f"{what:18} {count:9,} rows {took:7.1f} s ({cpu:.1f} s cpu) {count / took:8.0f}/s"
            f"  peak {_peak():6.0f} MB (+{_peak() - before:.0f})  {said}",
            flush=True,
        )

    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    child.join()
    if child.exitcode:
        sys.exit(child.exitcode)


def _peak() -> float:
    """MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("problems", type=int, nargs="?", default=10_000)
    count: int = min(arguments.parse_args().problems, 1_000_000)
    for form in ("csv", "xlsx"):
        _measured(f"export {form}", count, partial(_export, count, form))
    rows = min(count, ROWS_MOST)
    handle, path = tempfile.mkstemp(suffix=".xlsx")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(
                xlsx(
                    [
                        good(n, 经度=116.1 + n % 400 / 1000, 纬度=34.9 + n // 400 / 1000)
                        for n in range(rows)
                    ]
                )
            )
        _measured("import, dry run", rows, partial(_import, rows, path, True))
        _measured("import", rows, partial(_import, rows, path, False))
    finally:
        Path(path).unlink()


if __name__ == "__main__":
    main()
