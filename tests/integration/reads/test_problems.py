"""Filters and orders of problems, held against the domain's own answers."""

from collections.abc import Awaitable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.reads import MongoReads
from shared.application.findable import query_tokens
from shared.application.reads import (
    Box,
    Page,
    Position,
    ProblemFilter,
    ProblemSort,
)
from shared.domain.escalation import EscalationLevel
from shared.domain.problem import Problem, Severity, Status
from tests.integration.reads.problems import ordered, passes, some_problems
from tests.integration.reads.world import NOW, put, walked

FILTERS = [
    ProblemFilter(),
    ProblemFilter(lines=("dust", "coal")),
    ProblemFilter(statuses=(Status.REGISTERED, Status.CLOSED)),
    ProblemFilter(severities=(Severity.CRITICAL,)),
    ProblemFilter(towns=("370828103",), lines=("dust",)),
    ProblemFilter(departments=("housing",)),
    ProblemFilter(units=("housing", "370828101")),
    ProblemFilter(categories=("mine",), sources=("patrol",)),
    ProblemFilter(clauses=("14.1", "15.1")),
    ProblemFilter(tokens=tuple(query_tokens("裸土未覆盖"))),
    ProblemFilter(tokens=tuple(query_tokens("PM10 超标"))),
    ProblemFilter(overdue=True),
    ProblemFilter(overdue=False),
    ProblemFilter(open=True),
    ProblemFilter(reported_from=NOW - timedelta(minutes=9), reported_before=NOW),
    ProblemFilter(updated_since=NOW - timedelta(minutes=2)),
    ProblemFilter(closed_from=NOW - timedelta(days=20), closed_before=NOW - timedelta(days=5)),
    ProblemFilter(levels=(EscalationLevel.LISTED, EscalationLevel.URGED)),
    ProblemFilter(recurring=True),
    ProblemFilter(recurring=False, open=True),
    ProblemFilter(within=Box(116.2, 34.9, 116.3, 35.0)),
    ProblemFilter(numbers=("扬尘-2026-00007", "扬尘-2026-00100", "扬尘-2026-99999")),
    ProblemFilter(ids=(some_problems(240, seed=1)[3].id, "nobody")),
]


async def test_every_filter_finds_what_the_domain_says(database: Database) -> None:
    problems = some_problems(240, seed=1)
    await put(database, problems)
    reads = MongoReads(database)
    for which in FILTERS:
        expected = ordered([p for p in problems if passes(p, which)], ProblemSort.NEWEST)
        page = await reads.problems(which, ProblemSort.NEWEST, NOW, 1000)
        assert [p.id for p in page.items] == [p.id for p in expected], which
        assert list(page.items) == expected
        assert 0 < await reads.count_problems(which, NOW) == len(expected)
        assert which == ProblemFilter() or len(expected) < len(problems)


@pytest.mark.parametrize("sort", list(ProblemSort))
async def test_every_order_is_walked_whole(database: Database, sort: ProblemSort) -> None:
    problems = some_problems(120, seed=2)
    await put(database, problems)
    reads = MongoReads(database)
    for which in (ProblemFilter(), ProblemFilter(severities=(Severity.GENERAL,))):
        expected = [p.id for p in ordered([p for p in problems if passes(p, which)], sort)]
        for limit in (1, 7, len(expected)):
            met = await walked(partial(_turn, reads, which, sort, limit))
            assert [p.id for p in met] == expected


def _turn(
    reads: MongoReads,
    which: ProblemFilter,
    sort: ProblemSort,
    limit: int,
    after: Position | None,
) -> Awaitable[Page[Problem]]:
    return reads.problems(which, sort, NOW, limit, after)


class Finds(CommandListener):
    """Keeps every `find` that goes to the engine."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name == "find":
            names = ("find", "filter", "projection", "sort", "limit")
            self.commands.append({n: event.command[n] for n in names if n in event.command})

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


@pytest.mark.parametrize("sort", list(ProblemSort))
async def test_a_page_reads_no_more_than_it_shows(
    database: Database, mongo_url: str, sort: ProblemSort
) -> None:
    """A page deep in a list is a seek in an index: no scan, no sort in memory."""
    await put(database, some_problems(400, seed=4))
    finds = Finds()
    client = AsyncIOMotorClient[dict[str, Any]](mongo_url, tz_aware=True, event_listeners=[finds])
    reads = MongoReads(client[database.name])
    deep = await reads.problems(ProblemFilter(), sort, NOW, 100)
    finds.commands.clear()
    page = await reads.problems(ProblemFilter(), sort, NOW, 10, deep.end)
    client.close()
    assert len(page.items) == 10
    assert 1 <= len(finds.commands) <= 3
    assert await _examined(database, finds) <= 11, finds.commands


@pytest.mark.parametrize("by", ["numbers", "ids"])
async def test_rows_of_a_file_are_found_by_index(
    database: Database, mongo_url: str, by: str
) -> None:
    problems = some_problems(400, seed=5)
    await put(database, problems)
    finds = Finds()
    client = AsyncIOMotorClient[dict[str, Any]](mongo_url, tz_aware=True, event_listeners=[finds])
    wanted = problems[::10]
    which = ProblemFilter(
        **{by: tuple(p.number if by == "numbers" else p.id for p in wanted)}  # type: ignore[arg-type]
    )
    page = await MongoReads(client[database.name]).problems(which, ProblemSort.NEWEST, NOW, 400)
    client.close()
    assert {p.id for p in page.items} == {p.id for p in wanted}
    assert await _examined(database, finds) <= 2 * len(wanted), finds.commands


async def _examined(database: Database, finds: Finds) -> int:
    """Documents that the engine looked at for what was found."""
    examined = 0
    for command in finds.commands:
        explained = await database.command({"explain": command, "verbosity": "executionStats"})
        examined += explained["executionStats"]["totalDocsExamined"]
    return examined
