"""/v1/responsibilities: stored rows, and those that towns and parks have by rule."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from shared.application.findable import query_tokens, tokens
from shared.application.reads import Page, Position, ResponsibilityFilter, ResponsibilityStatus
from shared.application.town_rows import (
    IMPLEMENT,
    IMPLEMENT_NAME,
    TownRow,
    clause_order,
    town_row,
    town_rows,
)
from shared.domain.entry import Kind
from shared.domain.responsibility import Part, Responsibility
from shared.runtime.http.api import Api
from shared.runtime.http.entries import VARY, add_commands, add_reads
from shared.runtime.http.headers import reader
from shared.runtime.http.known_codes import CodeList, Known
from shared.runtime.http.openapi import page_answers, refusals
from shared.runtime.http.paging import page_response, start_of
from shared.runtime.http.problem_query import Search
from shared.runtime.http.query import VALUES_MOST, ListParameters, parameters, query
from shared.runtime.http.show import Show
from shared.runtime.http.tasks import PLAN_POSITION


class RoleWanted(StrEnum):
    LEAD = Part.LEAD.value
    SHARED = Part.SHARED.value
    SUPPORT = Part.SUPPORT.value
    IMPLEMENT = IMPLEMENT


class ResponsibilityParameters(ListParameters):
    line: CodeList = Field(default=[], description="工作线 line key")
    item: CodeList = Field(default=[], description="方案条目 item, such as 14 or S1")
    clause: CodeList = Field(default=[], description="方案条款 clause, such as 14.1")
    department: CodeList = Field(default=[], description="部门代码 department")
    role: list[RoleWanted] = Field(
        default=[], max_length=VALUES_MOST, description="牵头/分工负责/配合/组织实施 role"
    )
    town: CodeList = Field(
        default=[],
        description="镇街/园区代码:按规定组织实施的条款 the clauses a town carries out by rule",
    )
    status: list[ResponsibilityStatus] = Field(
        default=[], max_length=VALUES_MOST, description="现行/未生效/已终止 standing on that day"
    )
    q: Search | None = Field(default=None, description="检索责任内容 words in the text")
    as_of: date | None = Field(
        default=None, description="该日谁负责、内容如何 who was responsible on that day"
    )


def responsibilities_router(api: Api) -> APIRouter:
    router = APIRouter()

    @router.get(
        "/v1/responsibilities",
        summary="责任清单 List responsibilities",
        openapi_extra=parameters(ResponsibilityParameters),
        responses=page_answers(Kind.RESPONSIBILITY) | refusals(400, 422),
        tags=["responsibilities"],
    )
    async def get_responsibilities(
        request: Request,
        given: Annotated[ResponsibilityParameters, Depends(query(ResponsibilityParameters))],
    ) -> Response:
        actor = reader(request)
        after = start_of(request, given.cursor, PLAN_POSITION)
        page = await responsibility_page(api, given, given.limit, after)
        total = await _total(api, given) if given.count else None
        show = Show(api.county, actor, api.clock.now())
        items = [
            _shown(row) if isinstance(row, TownRow) else show.entry(row, given.as_of)
            for row in page.items
        ]
        return page_response(request, items, page.end, total, VARY)

    def made(id: str) -> dict[str, Any] | None:
        row = town_row(api.county, id)
        return _shown(row) if row is not None and api.line in (None, row.line) else None

    add_reads(router, api, Kind.RESPONSIBILITY, made)
    add_commands(router, api, Kind.RESPONSIBILITY)
    return router


async def responsibility_page(
    api: Api, given: ResponsibilityParameters, limit: int, after: Position | None
) -> Page[Responsibility | TownRow]:
    """Stored rows and those by rule, in the order of the plan."""
    which, today = _filter(given, api), api.today()
    by_rule = [row for row in _by_rule(api, given, which, today) if _is_after(row, after)]
    page: Page[Responsibility] = Page((), None)
    if _wants_stored(given, which):
        page = await api.reads.responsibilities(which, today, limit, after)
    return _merged(page, by_rule, limit)


async def _total(api: Api, given: ResponsibilityParameters) -> int:
    which, today = _filter(given, api), api.today()
    total = len(_by_rule(api, given, which, today))
    if _wants_stored(given, which):
        total += await api.reads.count_responsibilities(which, today)
    return total


def _wants_stored(given: ResponsibilityParameters, which: ResponsibilityFilter) -> bool:
    return not given.role or bool(which.roles)


def _filter(given: ResponsibilityParameters, api: Api) -> ResponsibilityFilter:
    known = Known(api.county)
    which = ResponsibilityFilter(
        lines=known.lines("line", given.line),
        items=known.items("item", given.item),
        clauses=known.clauses("clause", given.clause),
        departments=known.units("department", given.department),
        roles=tuple(Part(role) for role in given.role if role is not RoleWanted.IMPLEMENT),
        towns=known.towns("town", given.town),
        statuses=tuple(given.status),
        tokens=tuple(query_tokens(given.q)) if given.q else (),
        as_of=given.as_of,
    )
    known.check()
    return which


def _by_rule(
    api: Api, given: ResponsibilityParameters, which: ResponsibilityFilter, today: date
) -> list[TownRow]:
    if given.role and RoleWanted.IMPLEMENT not in given.role:
        return []
    wanted = set(which.tokens)
    rows = town_rows(api.county, which, today, api.line)
    return [row for row in rows if wanted <= set(tokens(row.text))] if wanted else rows


def _is_after(row: TownRow, after: Position | None) -> bool:
    return after is None or row.position() > after


def _merged(
    page: Page[Responsibility], by_rule: Sequence[TownRow], limit: int
) -> Page[Responsibility | TownRow]:
    """Both kinds in one order; a page ends where its last row stands, whichever kind it is."""
    ranks = list(Part)
    placed: list[tuple[Any, Responsibility | TownRow]] = [
        *(((clause_order(r.clause), ranks.index(r.role), r.id), r) for r in page.items),
        *((row.position(), row) for row in by_rule[: limit + 1]),
    ]
    placed.sort(key=lambda each: each[0])
    more = page.end is not None or len(placed) > limit
    kept = placed[:limit]
    return Page(tuple(row for _, row in kept), kept[-1][0] if more and kept else None)


def _shown(row: TownRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": Kind.RESPONSIBILITY.value,
        "line": row.line,
        "item": row.item,
        "clause": row.clause,
        "text": row.text,
        "department": row.town,
        "department_name": row.town_name,
        "role": IMPLEMENT,
        "role_name": IMPLEMENT_NAME,
        "town": row.town,
        "effective_from": row.since.isoformat(),
        "effective_to": None,
        "version": 1,
        "by_rule": True,
    }
