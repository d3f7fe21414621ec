"""`GET /v1/spot-checks`: problems of a month drawn for a second look, the same for the same seed."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from shared.application.reads import Position, ProblemFilter, ProblemSort
from shared.domain.moments import day_start
from shared.domain.problem import Problem, Status
from shared.domain.refusal import invalid, refuse
from shared.domain.verification import drawn
from shared.runtime.http.api import Api
from shared.runtime.http.known_codes import CodeList, Known
from shared.runtime.http.openapi import refusals
from shared.runtime.http.paging import json_response
from shared.runtime.http.query import parameters, query

CLOSED_MOST = 50_000
"""Closed problems of a month that are drawn from: more are not one county's."""
_PAGE = 500
_UNKNOWN = ""


class SpotCheckParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    month: str = Field(
        pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="销号月份(北京时间),如 2026-10"
    )
    seed: str = Field(
        min_length=1,
        max_length=80,
        description="抽签种子:同一种子结果相同,宜当众抽定 the same seed draws the same",
    )
    share: float | None = Field(
        default=None, gt=0, le=1, description="抽查比例,默认按县配置 share; the county's by default"
    )
    town: CodeList = Field(default=[], description="只看这些镇街/园区 only these towns")
    line: CodeList = Field(default=[], description="只看这些工作线 only these lines")


def spot_checks_router(api: Api) -> APIRouter:
    router = APIRouter()

    @router.get(
        "/v1/spot-checks",
        summary="抽查名单 Closed problems drawn at random for a second look",
        description="每镇街按比例抽取当月销号的问题,至少一件;现场核查用 inspect,不合格即反弹重办。",
        openapi_extra=parameters(SpotCheckParameters),
        responses=refusals(400, 409, 422, 503),
        tags=["verification"],
    )
    async def get_spot_checks(
        given: Annotated[SpotCheckParameters, Depends(query(SpotCheckParameters))],
    ) -> Response:
        known = Known(api.county)
        first, after = _month(given.month)
        which = ProblemFilter(
            lines=known.lines("line", given.line),
            towns=known.towns("town", given.town),
            statuses=(Status.CLOSED,),
            closed_from=day_start(first),
            closed_before=day_start(after),
        )
        known.check()
        share = given.share or api.county.verification.spot_check_share
        by_town: dict[str, dict[str, Problem]] = {}
        async for problem in _closed(api, which):
            by_town.setdefault(problem.town or _UNKNOWN, {})[problem.id] = problem
        chosen = drawn(by_town, share, given.seed)
        items = [
            {
                "town": town or None,
                "town_name": api.county.town_name(town),
                "closed": len(by_town[town]),
                "drawn": [_shown(by_town[town][id_]) for id_ in chosen[town]],
            }
            for town in sorted(by_town)
        ]
        body = {"month": given.month, "seed": given.seed, "share": share, "items": items}
        return json_response(body, headers={"Cache-Control": "no-store"})

    return router


def _month(said: str) -> tuple[date, date]:
    """The first day of the month, and of the one after it."""
    year, month = map(int, said.split("-"))
    if not 2000 <= year <= 2200:
        raise invalid("/month", "月份应在 2000 至 2200 年之间,如 2026-10")
    after = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
    return date(year, month, 1), after


async def _closed(api: Api, which: ProblemFilter) -> AsyncIterator[Problem]:
    now, seen = api.clock.now(), 0
    end: Position | None = None
    while True:
        page = await api.reads.problems(which, ProblemSort.OLDEST, now, _PAGE, end)
        for problem in page.items:
            yield problem
        seen += len(page.items)
        if page.end is None:
            return
        if seen >= CLOSED_MOST:
            raise refuse("limit-reached", f"当月销号超过 {CLOSED_MOST} 件,请按镇街或工作线分别抽取")
        end = page.end


def _shown(problem: Problem) -> dict[str, Any]:
    return {
        "id": problem.id,
        "number": problem.number,
        "title": problem.title,
        "line": problem.line,
        "site": problem.site,
        "closed_at": problem.closed_at.isoformat() if problem.closed_at else None,
        "checked": [visit.result for visit in problem.visits if visit.spot_check],
    }
