"""The query parameters of the task list, and the filter they mean."""

import re
from datetime import date, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.application.findable import query_tokens
from shared.application.reads import Period, TaskFilter
from shared.declaration.county.county import County
from shared.domain.task import Frequency, TaskStatus
from shared.runtime.http.known_codes import CodeList, Known
from shared.runtime.http.problem_query import Search
from shared.runtime.http.query import VALUES_MOST, ListParameters

_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_BY_WEEK: tuple[Frequency, ...] = ("daily", "weekly")
_BY_MONTH: tuple[Frequency, ...] = (*_BY_WEEK, "monthly")
_BY_QUARTER: tuple[Frequency, ...] = (*_BY_MONTH, "quarterly")


def period_of(key: str) -> Period:
    """The period that `2026-W47`, `2026-11` or `2026-Q4` names; raises ValueError."""
    try:
        if found := _WEEK.fullmatch(key):
            first = date.fromisocalendar(int(found[1]), int(found[2]), 1)
            return Period(key, first, first + timedelta(days=6), _BY_WEEK)
        if found := _QUARTER.fullmatch(key):
            first = date(int(found[1]), int(found[2]) * 3 - 2, 1)
            return Period(key, first, _before_month(first, 3), _BY_QUARTER)
        if found := _MONTH.fullmatch(key):
            first = date(int(found[1]), int(found[2]), 1)
            return Period(key, first, _before_month(first, 1), _BY_MONTH)
    except (ValueError, OverflowError):
        pass
    raise ValueError("应为周 2026-W47、月 2026-11 或季 2026-Q4")


def _before_month(first: date, months: int) -> date:
    """The last day before the month that is `months` after that of `first`."""
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1) - timedelta(days=1)


def _period(key: str) -> str:
    period_of(key)
    return key


class TaskParameters(ListParameters):
    line: CodeList = Field(default=[], description="工作线 line key")
    item: CodeList = Field(default=[], description="方案条目 item, such as 14 or S1")
    clause: CodeList = Field(default=[], description="方案条款 clause, such as 14.1")
    department: CodeList = Field(default=[], description="部门代码 department")
    town: CodeList = Field(
        default=[],
        description="镇街/园区代码:按规定承担的任务及其自有任务 what the town carries out by rule",
    )
    status: list[TaskStatus] = Field(
        default=[], max_length=VALUES_MOST, description="状态,按今日判定 status, as of today"
    )
    q: Search | None = Field(default=None, description="检索任务内容 words in the text")
    as_of: date | None = Field(default=None, description="该日有效的任务 in force on that day")
    unreported: Annotated[str, AfterValidator(_period)] | None = Field(
        default=None, description="该期未报进展的 not reported in 2026-W47, 2026-11 or 2026-Q4"
    )


def task_filter(given: TaskParameters, county: County) -> TaskFilter:
    """The filter, with every code known to the county; else a refusal that names the wrong ones."""
    known = Known(county)
    which = TaskFilter(
        lines=known.lines("line", given.line),
        items=known.items("item", given.item),
        clauses=known.clauses("clause", given.clause),
        departments=known.units("department", given.department),
        towns=known.towns("town", given.town),
        town_clauses=tuple(clause.id for clause in county.clauses_of_towns()),
        statuses=tuple(given.status),
        tokens=tuple(query_tokens(given.q)) if given.q else (),
        as_of=given.as_of,
        unreported=period_of(given.unreported) if given.unreported else None,
    )
    known.check()
    return which
