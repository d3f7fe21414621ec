"""`GET /v1/stream`: changes as they happen, as server-sent events."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.gateway.changes_hub import ChangesHub, Event, Reset, TooSlow
from shared.application.ports import Unavailable
from shared.domain.refusal import refuse
from shared.runtime.http.openapi import refusals
from shared.runtime.http.query import VALUES_MOST, parameters, query

RETRY_MS = 2000
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class StreamParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    line: list[str] = Field(default_factory=list, max_length=VALUES_MOST, description="工作线")
    town: list[str] = Field(default_factory=list, max_length=VALUES_MOST, description="镇街代码")
    last_event_id: str | None = Field(
        default=None, max_length=20, description="同请求头 Last-Event-ID,供不能设请求头的客户端用"
    )

    def wants(self, event: Event) -> bool:
        change = event.change
        return (not self.line or change.line in self.line) and (
            not self.town or change.town in self.town
        )


def stream_router(hub: ChangesHub) -> APIRouter:
    router = APIRouter()

    @router.get(
        "/v1/stream",
        summary="实时变动 Changes as server-sent events",
        description="event: change 一次变动;id 可作 Last-Event-ID 续传,不漏不重。"
        "event: reset 续传位置已不保留,请重新读取列表;event: dropped 客户端太慢,请用最后的 id 重连。",
        openapi_extra=parameters(StreamParameters),
        responses={200: {"content": {"text/event-stream": {}}}, **refusals(400, 503)},
        response_class=StreamingResponse,
        tags=["stream"],
    )
    async def get_stream(
        request: Request, which: Annotated[StreamParameters, Depends(query(StreamParameters))]
    ) -> Response:
        after = _last_id(request.headers.get("last-event-id") or which.last_event_id)
        _ = hub.end  # not reachable: say so with a status while there still is one
        return StreamingResponse(
            _told(hub, after, which), media_type="text/event-stream", headers=_HEADERS
        )

    return router


def _last_id(said: str | None) -> int | None:
    if said is None or not said.strip():
        return None
    try:
        return max(-1, int(said.strip()))
    except ValueError:
        raise refuse("malformed", f"Last-Event-ID 须是收到过的 id(整数),收到:{said[:20]}") from None


async def _told(
    hub: ChangesHub, after: int | None, which: StreamParameters
) -> AsyncIterator[bytes]:
    yield b"retry: %d\n\n" % RETRY_MS
    while True:
        try:
            # Closed as soon as the client leaves: it may be one of the few that may catch up at once.
            async with aclosing(hub.events(after)) as following:
                async for events, upto in following:
                    wanted = [_told_event(event) for event in events if which.wants(event)]
                    # An id alone moves the client's position past what its filters left out.
                    yield b"".join([*wanted, b": %d\nid: %d\n\n" % (hub.clients, upto)])
        except Reset as reset:
            detail = {"detail": "续传位置已不保留,请重新读取列表 / read the lists anew"}
            yield b"event: reset\nid: %d\ndata: %b\n\n" % (reset.end - 1, orjson.dumps(detail))
            after = reset.end - 1
        except TooSlow:
            detail = {"detail": "接收太慢,连接已断开;请用最后的 id 重连 / too slow, please resume"}
            yield b"event: dropped\ndata: %b\n\n" % orjson.dumps(detail)
            return
        except Unavailable:
            return  # the client comes back with its last id


def _told_event(event: Event) -> bytes:
    data = orjson.dumps(event.change.model_dump(mode="json"))
    return b"event: change\nid: %d\ndata: %b\n\n" % (event.offset, data)
