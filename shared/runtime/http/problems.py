"""/v1/problems: the list with its filters, one problem, its history, its commands."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from shared.domain.entry import Kind
from shared.runtime.http.api import Api
from shared.runtime.http.entries import VARY, add_batches, add_commands, add_reads
from shared.runtime.http.headers import reader
from shared.runtime.http.openapi import page_answers, refusals
from shared.runtime.http.paging import page_response, start_of
from shared.runtime.http.problem_query import ProblemParameters, problem_filter
from shared.runtime.http.query import parameters, query
from shared.runtime.http.show import Show

_POSITION = (int, datetime, str)


def problems_router(api: Api) -> APIRouter:
    router = APIRouter()

    @router.get(
        "/v1/problems",
        summary="问题清单 List problems",
        openapi_extra=parameters(ProblemParameters),
        responses=page_answers(Kind.PROBLEM) | refusals(400, 422),
        tags=["problems"],
    )
    async def get_problems(
        request: Request, given: Annotated[ProblemParameters, Depends(query(ProblemParameters))]
    ) -> Response:
        actor, now = reader(request), api.clock.now()
        which = problem_filter(given, api.county)
        after = start_of(request, given.cursor, _POSITION)
        page = await api.reads.problems(which, given.sort, now, given.limit, after)
        total = await api.reads.count_problems(which, now) if given.count else None
        show = Show(api.county, actor, now)
        items = [show.entry(p) for p in page.items]
        await add_batches(api, items)
        return page_response(request, items, page.end, total, VARY)

    add_reads(router, api, Kind.PROBLEM)
    add_commands(router, api, Kind.PROBLEM)
    return router
