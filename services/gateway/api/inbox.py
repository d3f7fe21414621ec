"""`GET /v1/inbox`: what my unit or town must do now, over all lines, by due time."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.duties import duties, next_step
from shared.adapters.mongo.inbox import MongoInbox
from shared.runtime.http.api import Api
from shared.runtime.http.entries import VARY
from shared.runtime.http.headers import acting
from shared.runtime.http.openapi import refusals
from shared.runtime.http.paging import page_response, start_of
from shared.runtime.http.query import PageParameters, parameters, query
from shared.runtime.http.show import Show

_POSITION = (int, datetime, str)


def inbox_router(api: Api, inbox: MongoInbox) -> APIRouter:
    router = APIRouter()

    @router.get(
        "/v1/inbox",
        summary="我的待办 What my unit or town must do now",
        description="按 X-Role 和 X-Unit 列出待交办、待签收、待整改、待申请销号、待核查的问题,"
        "最先到期的钟在前;todo 是下一步命令(extend:有人申请延期,待批)。",
        openapi_extra=parameters(PageParameters),
        responses=refusals(400, 403, 503),
        tags=["inbox"],
    )
    async def get_inbox(
        request: Request, which: Annotated[PageParameters, Depends(query(PageParameters))]
    ) -> Response:
        actor, now = acting(request), api.clock.now()
        after = start_of(request, which.cursor, _POSITION)
        page = await inbox.due_first(duties(actor, await api.cards()), now, which.limit, after)
        show = Show(api.county, actor, now)
        items = [
            {**show.entry(problem), "todo": next_step(problem, actor.role)}
            for problem in page.items
        ]
        return page_response(request, items, page.end, headers=VARY)

    return router
