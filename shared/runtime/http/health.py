"""/healthz, /readyz, /metrics: what supervisors, load balancers and Prometheus ask."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.application.ports import Unavailable
from shared.runtime import metrics
from shared.runtime.http.entries import NoQuery
from shared.runtime.http.paging import json_response
from shared.runtime.looking import Look, Looks

log = logging.getLogger(__name__)
Check = Callable[[], Awaitable[str | None]]
"""None where all is well; else the reason why the service is not ready."""
CHECK_SECONDS = 3.0


def health_router(checks: Mapping[str, Check], looks: Mapping[str, Look]) -> APIRouter:
    router = APIRouter(tags=["operations"])
    looking = Looks(looks)

    @router.get("/healthz", summary="存活 Alive, even without broker or database")
    async def alive(_: NoQuery) -> Response:
        return json_response({"status": "alive"})

    @router.get("/readyz", summary="就绪 Ready to work, or the reasons why not")
    async def ready(_: NoQuery) -> Response:
        return _told(await _asked(checks))

    @router.get("/readyz/{check}", summary="就绪的一项 One check of it alone, such as `database`")
    async def one_ready(check: str, _: NoQuery) -> Response:
        """For a balancer that asks whether requests may come: they need the database only."""
        if check not in checks:
            raise HTTPException(404)
        return _told(await _asked({check: checks[check]}))

    @router.get("/metrics", summary="指标 Prometheus metrics")
    async def measured(_: NoQuery) -> Response:
        # Nobody else may have asked: an alert on a check must not wait for a load balancer.
        await asyncio.gather(looking.refresh(), _asked(checks))
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return router


def _told(reasons: Mapping[str, str | None]) -> Response:
    is_ready = not any(reasons.values())
    body = {"ready": is_ready, "checks": {name: why or "ok" for name, why in reasons.items()}}
    return json_response(body, 200 if is_ready else 503, {"Cache-Control": "no-store"})


async def _asked(checks: Mapping[str, Check]) -> dict[str, str | None]:
    """Each check's reason, None where all is well; the metrics know it from then on, too."""
    reasons = await asyncio.gather(*(_reason(name, check) for name, check in checks.items()))
    for name, reason in zip(checks, reasons, strict=True):
        metrics.READY.labels(name).set(reason is None)
    return dict(zip(checks, reasons, strict=True))


async def _reason(name: str, check: Check) -> str | None:
    try:
        return await asyncio.wait_for(check(), CHECK_SECONDS)
    except TimeoutError:
        return f"没有回答 no answer within {CHECK_SECONDS:g} s"
    except Unavailable as error:
        return str(error)[:500]
    except Exception as error:
        log.exception("readiness check crashed", extra={"check": name})
        return f"检查本身出错 the check crashed: {type(error).__name__}"
