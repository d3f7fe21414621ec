"""Around every request: its metrics, and the net under an unexpected exception."""

import logging
import time

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contract.trace import following, of_request
from shared.runtime import metrics
from shared.runtime.http.problem_json import http_refusal, problem_response
from shared.runtime.logging import about
from shared.runtime.tracing import begin

log = logging.getLogger(__name__)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "(unmatched)"
_ASKED_ALL_THE_TIME = frozenset({"/healthz", "/readyz", "/metrics"})
"""By machines; as spans they would hide all others."""
GONE = "499"
"""Said in the metrics of a client that hung up."""


class Observed:
    """The outermost layer. Nothing that a request does can reach the server behind it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status: str | None = None

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        trace = of_request(scope["headers"])
        begun = None if scope["path"] in _ASKED_ALL_THE_TIME else begin("request", trace, "server")
        crash: Exception | None = None
        with following(begun.trace if begun else trace):
            try:
                await self._app(scope, receive, noting)
            except ClientDisconnect:
                status = status or GONE
            except Exception as error:
                crash = error
                metrics.HTTP_CRASHES.inc()
                with about(**_ids(scope)):
                    log.exception("request crashed", extra={"route": _route(scope)})
                if status is not None:
                    raise  # half an answer is out: the server must cut the connection
                await _say_internal(scope, receive, noting)
            finally:
                method = scope["method"] if scope["method"] in _METHODS else "other"
                route = _route(scope)
                if begun is not None:
                    begun.say(f"{method} {route}", status=status or GONE)
                    begun.end(crash)
                metrics.HTTP_REQUESTS.labels(method, route, status or GONE).inc()
                metrics.HTTP_SECONDS.labels(method, route).observe(time.perf_counter() - began)


async def _say_internal(scope: Scope, receive: Receive, send: Send) -> None:
    refusal = http_refusal(
        "internal", "程序内部出错,已记入日志;请稍后重试,仍不行请联系运维 / an internal error"
    )
    await problem_response(refusal, Request(scope).url.path)(scope, receive, send)


def _ids(scope: Scope) -> dict[str, str]:
    """What the address names, where it is about one entry."""
    id_ = scope.get("path_params", {}).get("id")
    return {"entry": str(id_)} if id_ is not None else {}


def _route(scope: Scope) -> str:
    """The template (`/v1/problems/{id}`), so that labels stay bounded."""
    path = getattr(scope.get("route"), "path", None)
    return str(path) if path else UNMATCHED
