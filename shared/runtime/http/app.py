"""The HTTP application of a line or of the gateway, put together."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from fastapi import APIRouter, FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.responses import Response

from shared.runtime.http.api import Api
from shared.runtime.http.docs import add_docs
from shared.runtime.http.errors import answer_errors
from shared.runtime.http.exports import exports_router
from shared.runtime.http.health import Check, health_router
from shared.runtime.http.imports import imports_router
from shared.runtime.http.lines import lines_router
from shared.runtime.http.observed import Observed
from shared.runtime.http.openapi import ANY_REFUSAL, describe
from shared.runtime.http.pack import pack_router
from shared.runtime.http.paging import json_response
from shared.runtime.http.problems import problems_router
from shared.runtime.http.responsibilities import responsibilities_router
from shared.runtime.http.tasks import tasks_router
from shared.runtime.http.vocabulary import vocabulary_router
from shared.runtime.ledger_looks import ledger_looks
from shared.runtime.looking import Look

VERSION = "1"
DESCRIPTION = """十条工作线的责任清单、任务清单、问题清单 / the ledgers of the ten work lines.

- 操作人写在请求头:`X-Actor`、`X-Role`、`X-Unit`、`X-Actor-Name`(百分号编码)。
- 修改须带 `If-Match`(所见版本的 ETag);新建可带 `Idempotency-Key`,重试不会重复。
- 列表用 `next` 翻页;错误一律为 `application/problem+json`,类型见 `/v1/problem-types`。
"""
NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""FastAPI's own would send out whole query strings and exceptions' words, where an environment
variable asks for it: what people search for, and what they wrote. `Observed` tells the spans."""
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    api: Api,
    title: str,
    checks: Mapping[str, Check],
    *,
    routers: Sequence[APIRouter] = (),
    looks: Mapping[str, Look] | None = None,
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """`checks` decide on `/readyz`; `looks` set metrics beside the common ones. `routers` of the
    service's own stand before the common ones, so that `/v1/problems/bulk/assign` is not taken for
    a problem called `bulk`."""
    planned = {task.indicator.name for task in api.county.tasks() if task.indicator}
    ours = ledger_looks(api.reads, api.clock, planned)
    app = FastAPI(
        title=title,
        version=VERSION,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        responses=ANY_REFUSAL,
        lifespan=lifespan,
        telemetry=NO_TELEMETRY,
    )
    answer_errors(app)
    for router in (
        *routers,
        problems_router(api),
        tasks_router(api),
        responsibilities_router(api),
        exports_router(api),
        imports_router(api),
        lines_router(api),
        pack_router(api),
        vocabulary_router(),
        health_router(checks, {**ours, **(looks or {})}),
    ):
        app.include_router(router)
    _describe(app)
    add_docs(app)
    # Outermost of what we add: it sees every answer, also those of the layers below.
    app.add_middleware(Observed)
    return app


def _describe(app: FastAPI) -> None:
    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return json_response(app.openapi_schema)
