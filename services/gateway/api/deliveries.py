"""`/v1/webhooks/{id}/deliveries`: what was sent, what waits, what was given up."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.api.webhooks import kept
from services.gateway.notify.bodies import summary
from services.gateway.notify.notify import Office
from services.gateway.notify.patience import FRESH
from shared.application.notifying.delivery import KEPT_DAYS, Delivery, State
from shared.domain.refusal import refuse
from shared.runtime.http.api import Api
from shared.runtime.http.commands import ID_LENGTH
from shared.runtime.http.entries import VARY, NoQuery
from shared.runtime.http.headers import acting
from shared.runtime.http.openapi import command_headers, refusals
from shared.runtime.http.paging import json_response, page_response, start_of
from shared.runtime.http.query import PageParameters, parameters, query

_POSITION = (datetime, str)


class DeliveryParameters(PageParameters):
    state: State | None = Field(
        default=None,
        description="pending 待发、delivered 已达、dead 已放弃、too_old 过期未发 the state",
    )


def deliveries_router(api: Api, office: Office) -> APIRouter:
    router = APIRouter(tags=["webhooks"])

    @router.get(
        "/v1/webhooks/{id}/deliveries",
        summary="推送记录 Deliveries, the newest first",
        description=f"保留 {KEPT_DAYS} 天;id 即接收端看到的 webhook-id。",
        openapi_extra=parameters(DeliveryParameters),
        responses=refusals(400, 403, 404, 422, 503),
    )
    async def get_deliveries(
        id: str,
        request: Request,
        which: Annotated[DeliveryParameters, Depends(query(DeliveryParameters))],
    ) -> Response:
        await kept(api, office, id, acting(request))
        after = start_of(request, which.cursor, _POSITION)
        page = await office.deliveries.page(id, which.state, which.limit, after)
        return page_response(request, [_shown(d) for d in page.items], page.end, headers=VARY)

    @router.post(
        "/v1/webhooks/{id}/deliveries/{delivery}/retry",
        summary="重新推送 Send again what was given up",
        description="用于 dead 和 too_old;重新开始计次,接收端看到的 webhook-id 不变。",
        status_code=202,
        openapi_extra={"parameters": command_headers(version=False)},
        responses=refusals(400, 403, 404, 409, 503),
    )
    async def retry(id: str, delivery: str, request: Request, _: NoQuery) -> Response:
        webhook = await kept(api, office, id, acting(request))
        if not webhook.active:
            raise refuse("illegal-transition", "该推送已停用;请先启用(active: true)再重发")
        found = await office.deliveries.get(id, delivery) if len(delivery) <= ID_LENGTH else None
        if found is None:
            raise refuse("not-found", f"没有这条推送记录“{delivery[:ID_LENGTH]}”;请核对编号")
        now = api.clock.now()
        if not await office.deliveries.again(delivery, now, now + FRESH):
            raise refuse(
                "illegal-transition",
                f"记录处于 {found.state};只有 dead、too_old 可以重发",
                state=found.state.value,
            )
        # Whoever asks for it has mended the receiver: it need not wait for its next probe.
        await office.webhooks.hold(id, now)
        office.dispatcher.wake()
        after = await office.deliveries.get(id, delivery)
        return json_response(_shown(after or found), 202)

    return router


def _shown(delivery: Delivery) -> dict[str, Any]:
    event = delivery.event
    waits = delivery.state is State.PENDING
    return {
        "id": delivery.id,
        "event": event.rule,
        "line": event.line,
        "problem": event.entry,
        "number": event.number,
        "version": event.version,
        "summary": summary(event),
        "state": delivery.state.value,
        "tries": delivery.tries,
        "created_at": delivery.created_at.isoformat(),
        "event_at": event.at.isoformat(),
        "next_try_at": delivery.next_try_at.isoformat() if waits else None,
        "delivered_at": delivery.delivered_at.isoformat() if delivery.delivered_at else None,
        "last": delivery.last.model_dump(mode="json") if delivery.last else None,
    }
