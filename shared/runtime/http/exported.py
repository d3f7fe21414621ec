"""Where the exported ledgers come from: each walked by cursor, with the filters of its list."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from shared.application.ledgers.problems import PROBLEMS
from shared.application.ledgers.responsibilities import RESPONSIBILITIES
from shared.application.ledgers.table import Ledger, Person, Showing
from shared.application.ledgers.tasks import TASKS
from shared.application.ledgers.words import Words
from shared.application.reads import Page, Position, ResponsibilityFilter
from shared.domain.actor import Actor
from shared.domain.problem import Problem
from shared.runtime.http.api import Api
from shared.runtime.http.problem_query import ProblemParameters, problem_filter
from shared.runtime.http.responsibilities import ResponsibilityParameters, responsibility_page
from shared.runtime.http.show import sees_people
from shared.runtime.http.task_query import TaskParameters, task_filter

T = TypeVar("T")
PAGE = 200
"""Entries that are read at once."""


async def _walked(
    page_after: Callable[[Position | None], Awaitable[Page[T]]],
) -> AsyncIterator[Sequence[T]]:
    after: Position | None = None
    while True:
        page = await page_after(after)
        yield page.items
        if page.end is None:
            return
        after = page.end


def _problems(api: Api, given: ProblemParameters) -> AsyncIterator[Sequence[Any]]:
    which, now = problem_filter(given, api.county), api.clock.now()
    return _walked(lambda after: api.reads.problems(which, given.sort, now, PAGE, after))


def _tasks(api: Api, given: TaskParameters) -> AsyncIterator[Sequence[Any]]:
    which, today = task_filter(given, api.county), api.today()
    return _walked(lambda after: api.reads.tasks(which, today, PAGE, after))


def _responsibilities(api: Api, given: ResponsibilityParameters) -> AsyncIterator[Sequence[Any]]:
    return _walked(lambda after: responsibility_page(api, given, PAGE, after))


@dataclass(frozen=True)
class Source:
    ledger: Ledger[Any]
    model: type[BaseModel]
    """The query parameters of its list."""
    pages: Callable[[Api, Any], AsyncIterator[Sequence[Any]]]


SOURCES = (
    Source(RESPONSIBILITIES, ResponsibilityParameters, _responsibilities),
    Source(TASKS, TaskParameters, _tasks),
    Source(PROBLEMS, ProblemParameters, _problems),
)


async def showing_for(api: Api, source: Source, given: Any, actor: Actor | None) -> Showing:
    """What cells are made with, for one reader."""
    people = source.ledger is PROBLEMS and sees_people(actor)
    return Showing(
        words=Words(api.county, await api.cards()),
        now=api.clock.now(),
        today=api.today(),
        as_of=getattr(given, "as_of", None),
        people=await _people(api) if people else {},
    )


async def with_batches(
    api: Api, showing: Showing, pages: AsyncIterator[Sequence[Any]]
) -> AsyncIterator[Sequence[Any]]:
    """The same pages; before each `showing` knows the batches of its problems, and no others."""
    async for page in pages:
        await learn_batches(api, showing, page)
        yield page


async def learn_batches(api: Api, showing: Showing, problems: Sequence[Problem]) -> None:
    showing.batches.clear()
    if api.batch_numbers is not None:
        showing.batches.update(await api.batch_numbers([problem.id for problem in problems]))


async def _people(api: Api) -> dict[tuple[str, str], Person]:
    """(clause, department) → the responsible person, by all rows that hold today."""
    which, today = ResponsibilityFilter(as_of=api.today()), api.today()
    return {
        (row.clause, row.department): Person(row.person, row.phone)
        async for page in _walked(
            lambda after: api.reads.responsibilities(which, today, PAGE, after)
        )
        for row in page
        if row.person or row.phone
    }
