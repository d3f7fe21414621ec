"""The query parameters of the problem list, and the filter they mean."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from shared.application.findable import query_tokens
from shared.application.reads import Box, ProblemFilter, ProblemSort
from shared.declaration.county.county import County
from shared.domain.escalation import EscalationLevel
from shared.domain.problem import Severity, Status
from shared.domain.refusal import invalid
from shared.runtime.http.known_codes import CodeList, Known
from shared.runtime.http.query import (
    VALUES_MOST,
    ListParameters,
    from_moment_or_day,
    to_moment_or_day,
)


def _box(said: str) -> str:
    box_of(said)
    return said


def box_of(said: str) -> Box:
    """`west,south,east,north` in WGS-84 degrees; raises ValueError."""
    hint = "应为“西,南,东,北”四个 WGS-84 度数,如 bbox=116.2,34.9,116.4,35.1"
    try:
        west, south, east, north = (float(part) for part in said.split(","))
    except ValueError:
        raise ValueError(hint) from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise ValueError(hint)
    return Box(west, south, east, north)


def _findable(said: str) -> str:
    if not query_tokens(said):
        raise ValueError("没有可检索的字;请写汉字、字母或数字")
    return said


Search = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_findable)]
Begin = Annotated[datetime, BeforeValidator(from_moment_or_day)]
End = Annotated[datetime, BeforeValidator(to_moment_or_day)]


class ProblemParameters(ListParameters):
    line: CodeList = Field(default=[], description="工作线 line key")
    status: list[Status] = Field(default=[], max_length=VALUES_MOST, description="状态 state")
    severity: list[Severity] = Field(default=[], max_length=VALUES_MOST, description="等级")
    town: CodeList = Field(default=[], description="属地镇街/园区代码 town or park")
    department: CodeList = Field(default=[], description="承办单位代码 responsible unit")
    unit: CodeList = Field(
        default=[], description="涉及单位:承办、协办或属地 any part: responsible, helping, its town"
    )
    category: CodeList = Field(default=[], description="问题类别 category")
    source: CodeList = Field(default=[], description="问题来源 source")
    clause: CodeList = Field(default=[], description="方案条款 clause, such as 14.1")
    q: Search | None = Field(
        default=None,
        description="检索编号、标题、描述、地址、单位 words in number, title, address, unit",
    )
    overdue: bool | None = Field(default=None, description="是否已超期 overdue now")
    open: bool | None = Field(default=None, description="是否未办结 still open")
    reported_from: Begin | None = Field(default=None, description="报告时间起 (日期或时间) from")
    reported_to: End | None = Field(
        default=None, description="报告时间止:日期含当日,时间不含 a day is included, a moment not"
    )
    closed_from: Begin | None = Field(default=None, description="销号时间起 closed from")
    closed_to: End | None = Field(default=None, description="销号时间止 closed to, as reported_to")
    level: list[EscalationLevel] = Field(
        default=[], max_length=VALUES_MOST, description="督办级别 level of escalation"
    )
    recurring: bool | None = Field(
        default=None, description="是否反弹:同地同类再现或销号后重办 came back"
    )
    updated_since: Begin | None = Field(default=None, description="此后有变动 changed since")
    bbox: Annotated[str, AfterValidator(_box)] | None = Field(
        default=None, description="西,南,东,北 west,south,east,north (WGS-84)"
    )
    sort: ProblemSort = Field(
        default=ProblemSort.NEWEST, description="排序;- 为倒序,无时限的排最后 order; - falls"
    )


def problem_filter(given: ProblemParameters, county: County) -> ProblemFilter:
    """The filter, with every code known to the county; else a refusal that names the wrong ones."""
    known = Known(county)
    which = ProblemFilter(
        lines=known.lines("line", given.line),
        statuses=tuple(given.status),
        severities=tuple(given.severity),
        towns=known.towns("town", given.town),
        departments=known.units("department", given.department),
        units=known.units("unit", given.unit),
        categories=tuple(given.category),
        sources=tuple(given.source),
        clauses=known.clauses("clause", given.clause),
        tokens=tuple(query_tokens(given.q)) if given.q else (),
        overdue=given.overdue,
        open=given.open,
        reported_from=given.reported_from,
        reported_before=given.reported_to,
        updated_since=given.updated_since,
        closed_from=given.closed_from,
        closed_before=given.closed_to,
        levels=tuple(given.level),
        recurring=given.recurring,
        within=box_of(given.bbox) if given.bbox else None,
    )
    known.check()
    for what, begin, end in (
        ("reported", which.reported_from, which.reported_before),
        ("closed", which.closed_from, which.closed_before),
    ):
        if begin and end and begin >= end:
            raise invalid(f"/{what}_to", f"查询参数 {what}_to 须晚于 {what}_from")
    return which
