"""Batches and air rankings: the same promises in memory and on the real engine."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.adapters.memory.air_rankings import MemoryAirRankings
from shared.adapters.memory.batches import MemoryBatches
from shared.adapters.mongo.air_rankings import MongoAirRankings
from shared.adapters.mongo.batches import FORGOTTEN, PART, MongoBatches
from shared.adapters.mongo.client import Database
from shared.application.reports.air import AirMonth, AirRankings, AirRow
from shared.application.reports.batches import Batch, Batches, BatchRow
from tests.contract.world import TurnedClock

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def batch(number: int, lines: tuple[str, ...] = (), rows: int = 1) -> Batch:
    return Batch(
        number=number, title="清单", begin=AT - timedelta(days=1), end=AT, lines=lines, drawn_at=AT,
        unit="ecology", rows=rows, late=0, rejected=0, merged=0, already=0,
    )  # fmt: skip


def row(id_: str) -> BatchRow:
    return BatchRow(
        id=id_, version=3, number="扬尘-2026-00001", line="dust", line_name="扬尘", town=None,
        town_name="未定镇街", place="", site="", text="裸土", unit=None, unit_name="待交办",
        status="registered", status_name="立案", due_at=None, reported_at=AT,
    )  # fmt: skip


@pytest.fixture(params=["memory", "engine"])
def batches(request: pytest.FixtureRequest) -> Batches:
    if request.param == "memory":
        return MemoryBatches()
    return MongoBatches(request.getfixturevalue("database"), TurnedClock())


@pytest.fixture(params=["memory", "engine"])
def rankings(request: pytest.FixtureRequest) -> AirRankings:
    if request.param == "memory":
        return MemoryAirRankings()
    return MongoAirRankings(request.getfixturevalue("database"))


async def ids(batches: Batches, number: int) -> list[str]:
    return [each.id async for each in batches.rows(number)]


async def test_a_batch_comes_back_whole_and_in_order(batches: Batches) -> None:
    assert await batches.last_number() == 0 and await batches.get(1) is None
    names = [f"p{n:04d}" for n in range(2 * PART + 7)][::-1]
    first = batch(1, rows=len(names))
    assert await batches.add(first, [row(name) for name in names], "c1", "d1")
    assert await batches.get(1) == first
    assert await ids(batches, 1) == names
    assert await batches.by_command("c1") == (first, "d1")
    assert await batches.by_command("c2") is None
    assert await batches.numbers_of([names[0], names[-1], "other"]) == {names[0]: 1, names[-1]: 1}


async def test_a_taken_number_or_command_leaves_nothing(batches: Batches) -> None:
    assert await batches.add(batch(1), [row("a")], "c1", "d")
    assert not await batches.add(batch(1), [row("b")], "c2", "d")
    assert not await batches.add(batch(2), [row("b")], "c1", "d")
    assert await batches.numbers_of(["a", "b"]) == {"a": 1}
    assert await batches.last_number() == 1


async def test_many_at_once_take_each_number_once(batches: Batches) -> None:
    done = await asyncio.gather(
        *(batches.add(batch(1), [row(f"p{n}")], f"c{n}", "d") for n in range(8))
    )
    assert sum(done) == 1
    winner = f"p{done.index(True)}"
    assert await batches.numbers_of([f"p{n}" for n in range(8)]) == {winner: 1}


async def test_the_last_of_lines_and_pages(batches: Batches) -> None:
    for number, lines in enumerate(((), ("dust",), (), ("coal", "dust")), 1):
        assert await batches.add(batch(number, lines), [row(f"p{number}")], f"c{number}", "d")
    last = await batches.last_of(())
    assert last is not None and last.number == 3
    dust = await batches.last_of(("dust",))
    assert dust is not None and dust.number == 2
    assert await batches.last_of(("coal",)) is None
    assert [b.number for b in await batches.page(None, 3)] == [4, 3, 2]
    assert [b.number for b in await batches.page(2, 3)] == [1]


async def test_parts_of_a_draw_that_died_are_forgotten_and_count_for_nothing(
    database: Database,
) -> None:
    clock = TurnedClock()
    kept = MongoBatches(database, clock)
    await database.batch_parts.insert_one(
        {"draft": "dead", "part": 0, "at": clock.now(), "problems": ["a"], "rows": []}
    )
    assert await kept.numbers_of(["a"]) == {}
    assert await kept.add(batch(1), [row("b")], "c1", "d")
    assert await database.batch_parts.count_documents({"draft": "dead"}) == 1, "it may still live"
    clock.turn(FORGOTTEN + timedelta(seconds=1))
    assert await kept.add(batch(2), [row("c")], "c2", "d")
    assert await database.batch_parts.count_documents({"draft": "dead"}) == 0
    assert await kept.numbers_of(["a", "b", "c"]) == {"b": 1, "c": 2}


async def test_air_months_are_kept_in_versions(rankings: AirRankings) -> None:
    def month(key: str, version: int, value: float) -> AirMonth:
        rows = (AirRow(town="370828101", composite=value, yoy=None),)
        return AirMonth(month=key, version=version, rows=rows, source=None, put_at=AT, put_by="x")

    assert await rankings.get("2026-10") is None
    first, second = month("2026-10", 1, 2.5), month("2026-10", 2, 2.6)
    assert await rankings.add(first) and await rankings.add(second)
    assert not await rankings.add(month("2026-10", 2, 9.9))
    assert await rankings.get("2026-10") == second
    assert await rankings.get("2026-10", 1) == first
    assert await rankings.get("2026-10", 3) is None
    august = month("2026-08", 1, 3.0)
    assert await rankings.add(august)
    assert await rankings.between("2026-08", "2026-10") == [august, second]
    assert await rankings.between("2026-09", "2026-09") == []
