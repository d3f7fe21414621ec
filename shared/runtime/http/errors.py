"""Exceptions to answers: what a request can end with besides its own answer."""

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from shared.application.ports import OutboxFull, Unavailable
from shared.domain.refusal import TITLES, Refusal, Refused
from shared.runtime.http.problem_json import HTTP_TITLES, http_refusal, problem_response

UNAVAILABLE = "数据库或消息系统暂时连不上,操作可能已受理;请稍后用同一 Idempotency-Key 重试"
OUTBOX_FULL = "该条目待发布的事件已满,消息系统可能离线;请稍后重试"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_BY_STATUS = {status: name for name, (status, _) in {**TITLES, **HTTP_TITLES}.items()}
_BY_STATUS |= {400: "malformed", 404: "not-found", 422: "invalid-field"}


def unavailable(error: Unavailable | OutboxFull) -> Refusal:
    """Without the exception's own words: they name machines."""
    if isinstance(error, OutboxFull):
        return http_refusal("outbox-full", OUTBOX_FULL)
    return http_refusal("unavailable", UNAVAILABLE)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return problem_response(error.refusal, request.url.path)


async def _unavailable(request: Request, error: Exception) -> Response:
    assert isinstance(error, Unavailable | OutboxFull)
    return problem_response(unavailable(error), request.url.path)


async def _http(request: Request, error: Exception) -> Response:
    """What the router itself raises: no such address, no such method."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    name = _BY_STATUS.get(error.status_code)
    if name is None:
        refusal = Refusal(type="malformed", status=error.status_code, detail=str(error.detail))
    elif name == "not-found":
        refusal = http_refusal(
            name, f"没有地址“{request.url.path}”;可用地址见 /docs 或 /openapi.json"
        )
    elif name == "method-not-allowed":
        headers["Allow"] = ", ".join(_methods(request))
        refusal = http_refusal(name, f"此地址不支持 {request.method};可用:{headers['Allow']}")
    else:
        refusal = http_refusal(name, str(error.detail))
    return problem_response(refusal, request.url.path, headers)


def _methods(request: Request) -> list[str]:
    """What this address takes: the router names only the methods of the first route it met."""
    return [
        method
        for method in METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.router.routes
        )
    ]


def answer_errors(app: FastAPI) -> None:
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(Unavailable, _unavailable)
    app.add_exception_handler(OutboxFull, _unavailable)
    app.add_exception_handler(HTTPException, _http)
