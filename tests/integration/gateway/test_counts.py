"""Counts are exact: they equal a naive count of the entries themselves, whoever wrote them."""

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from itertools import chain
from statistics import median
from typing import Any

import pytest

from shared.adapters.mongo.counters import Marker
from shared.adapters.mongo.documents import entry_of
from shared.adapters.mongo.read_model import Batch, ReadModel
from shared.application.findable import cell
from shared.domain.moments import shanghai_day
from shared.domain.problem import OPEN, Problem, Status
from shared.runtime.clock import SystemClock
from tests.contract.samples import START, problem
from tests.integration.gateway.harness import Gateway, Publisher, Site, eventually
from tests.integration.gateway.lives import life


class FixedClock:
    def now(self) -> datetime:
        return START


def naive(problems: Iterable[Problem], by: list[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The summary, counted the slow way."""
    groups: dict[tuple[Any, ...], list[Problem]] = defaultdict(list)
    for entry in problems:
        day = shanghai_day(entry.closed_at).isoformat() if entry.closed_at else None
        values = {
            "line": entry.line,
            "town": entry.town,
            "status": entry.status.value,
            "severity": entry.severity.value,
            "department": entry.unit,
            "category": entry.category,
            "source": entry.source,
            "clause": entry.clause,
            "day": day,
            "month": day[:7] if day else None,
        }
        groups[tuple(values[name] for name in by)].append(entry)
    return {key: _numbers(some) for key, some in groups.items()}


def _numbers(some: list[Problem]) -> dict[str, Any]:
    closed = [p for p in some if p.status is Status.CLOSED]
    hours = [int((_closed_at(p) - p.reported_at).total_seconds() // 3600) for p in closed]
    return {
        "count": len(some),
        "open": sum(p.status in OPEN for p in some),
        "overdue": sum(p.is_overdue(START) for p in some),
        "closed": len(closed),
        "closed_in_time": sum(
            p.due_at is None or (p.submitted_at or _closed_at(p)) <= p.due_at for p in closed
        ),
        "median_hours": median(hours) if hours else None,
    }


def _closed_at(entry: Problem) -> datetime:
    assert entry.closed_at is not None
    return entry.closed_at


async def summary(gateway: Gateway, *by: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    answer = await gateway.http.get("/v1/summary", params={"by": ",".join(by)})
    assert answer.status_code == 200, answer.text
    return {tuple(row.pop(name) for name in by): row for row in answer.json()["rows"]}


async def test_summary_equals_a_naive_count_after_two_projectors(site: Site) -> None:
    rng = random.Random(11)
    lives = [
        life(rng, f"p{n}", rng.randrange(1, 7), rng.choice(("dust", "mobile"))) for n in range(200)
    ]
    newest = [versions[-1] for versions in lives]
    everything = list(chain.from_iterable(lives))
    rng.shuffle(everything)
    async with (
        site.line("dust").running(),
        site.line("mobile").running(),
        site.gateway("0", FixedClock()) as first,
        site.gateway("1", FixedClock()) as second,
        Publisher(site) as publisher,
    ):
        await publisher.publish(everything, at_once=23)
        for by in (
            ["line"],
            ["line", "town", "status", "severity", "department"],
            ["status", "day"],
            ["month", "category", "source", "clause"],
        ):
            wanted = naive(newest, by)

            async def equal(by: list[str] = by, wanted: object = wanted) -> bool:
                return await summary(first, *by) == await summary(second, *by) == wanted

            await eventually(equal, 60, f"the summary by {by} is exact")
        narrowed = (await first.http.get("/v1/summary?by=status&line=dust&town=370828105")).json()
        chosen = [p for p in newest if p.line == "dust" and p.town == "370828105"]
        assert narrowed["total"] == _numbers(chosen)
        lines = (await first.http.get("/v1/lines")).json()["items"]
        for line in lines:
            own = [p for p in newest if p.line == line["key"]]
            assert {s: n for s, n in line["counts"].items() if n} == Counter(p.status for p in own)
            assert line["overdue"] == sum(p.is_overdue(START) for p in own)
        left = await site.db.cells_1.count_documents({"marks.0": {"$exists": True}})
        assert left == 0, "no mark is left behind"


async def test_a_crash_between_mark_and_recount_is_counted_at_the_next_start(site: Site) -> None:
    clock = SystemClock()
    died = ReadModel(site.db, 1, site.county, Marker("0", "run that died"), clock)
    async with site.gateway("9"):
        pass  # makes generation 1
    entry = problem("p1")
    await died.apply(Batch(entries=[entry]))
    after = entry.model_copy(update={"version": 2, "status": Status.ASSIGNED, "unit": "housing"})

    class Crash(Exception):
        pass

    async def crash(cells: Collection[str], marks: Collection[str]) -> None:
        raise Crash

    died.counters._recount = crash  # type: ignore[method-assign]
    with pytest.raises(Crash):
        await died.apply(Batch(entries=[after]))
    assert await _stored(site) == {cell(entry): 1, cell(after): 0}, "the crash left wrong counts"
    # Its record is delivered again, but the entry has its version already.
    async with site.gateway("0") as gateway:

        async def mended() -> bool:
            return await _stored(site) == {cell(entry): 0, cell(after): 1}

        await eventually(mended)
        assert (await summary(gateway, "status"))[("assigned",)]["count"] == 1
    assert await site.db.cells_1.count_documents({"marks.0": {"$exists": True}}) == 0


async def _stored(site: Site) -> dict[str, int]:
    return {c["_id"]: c["count"] async for c in site.db.cells_1.find({"by": {"$exists": True}})}


async def test_a_late_recount_does_not_overwrite_a_newer_one(site: Site) -> None:
    clock = SystemClock()
    async with site.gateway("9"):
        pass
    slow = ReadModel(site.db, 1, site.county, Marker("a", "1"), clock)
    fast = ReadModel(site.db, 1, site.county, Marker("b", "1"), clock)
    first, second = problem("p1"), problem("p2")
    count = slow.counters._count

    async def overtaken(cells: Any) -> Any:
        found = await count(cells)
        await fast.apply(Batch(entries=[second]))
        return found

    slow.counters._count = overtaken  # type: ignore[method-assign]
    await slow.apply(Batch(entries=[first]))
    assert await _stored(site) == {cell(first): 2}


async def test_writers_that_clash_settle_on_the_highest_version(site: Site) -> None:
    """Between the look and the write of one, another writes: cells and version must still fit."""
    rng = random.Random(3)
    clock = SystemClock()
    async with site.gateway("9"):
        pass
    one = ReadModel(site.db, 1, site.county, Marker("a", "1"), clock)
    other = ReadModel(site.db, 1, site.county, Marker("b", "1"), clock)
    versions = life(rng, "p1", 6)
    look = one._seen
    between = iter([versions[0], versions[2], versions[3]])

    async def interrupted(ids: Any) -> Any:
        found = await look(ids)
        if (next_one := next(between, None)) is not None:
            await other.apply(Batch(entries=[next_one]))
        return found

    one._seen = interrupted  # type: ignore[method-assign]
    await one.apply(Batch(entries=[versions[4]]))
    document = await site.db.entries_1.find_one({"_id": "p1"})
    assert document is not None and entry_of(document) == versions[4]
    counts = {name: n for name, n in (await _stored(site)).items() if n}
    assert counts == {cell(versions[4]): 1}


def test_marks_are_cleared_only_when_what_they_announce_is_settled() -> None:
    marker, now = Marker("0", "now"), SystemClock().now()
    with marker.new(now) as active:
        assert not marker.may_clear(active, now + timedelta(hours=1))
    assert not marker.may_clear(active, now)
    assert marker.may_clear(active, now + timedelta(minutes=2)), "given up by the database"
    with Marker("0", "before").new(now) as dead, Marker("1", "x").new(now) as others:
        assert marker.may_clear(dead, now)
        assert not marker.may_clear(others, now + timedelta(hours=1))
        assert marker.may_clear(others, now + timedelta(days=2))
