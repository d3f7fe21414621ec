"""/v1/tasks: the list in the order of the plan, one task, its history, its commands."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from shared.domain.entry import Kind
from shared.runtime.http.api import Api
from shared.runtime.http.entries import VARY, add_commands, add_reads
from shared.runtime.http.headers import reader
from shared.runtime.http.openapi import page_answers, refusals
from shared.runtime.http.paging import page_response, start_of
from shared.runtime.http.query import parameters, query
from shared.runtime.http.show import Show
from shared.runtime.http.task_query import TaskParameters, task_filter

PLAN_POSITION = (int, int, str)
"""Types of a position in the order of the plan."""


def tasks_router(api: Api) -> APIRouter:
    router = APIRouter()

    @router.get(
        "/v1/tasks",
        summary="任务清单 List tasks",
        openapi_extra=parameters(TaskParameters),
        responses=page_answers(Kind.TASK) | refusals(400, 422),
        tags=["tasks"],
    )
    async def get_tasks(
        request: Request, given: Annotated[TaskParameters, Depends(query(TaskParameters))]
    ) -> Response:
        actor, now, today = reader(request), api.clock.now(), api.today()
        which = task_filter(given, api.county)
        after = start_of(request, given.cursor, PLAN_POSITION)
        page = await api.reads.tasks(which, today, given.limit, after)
        total = await api.reads.count_tasks(which, today) if given.count else None
        show = Show(api.county, actor, now)
        return page_response(request, [show.entry(t) for t in page.items], page.end, total, VARY)

    add_reads(router, api, Kind.TASK)
    add_commands(router, api, Kind.TASK)
    return router
