"""/healthz, /readyz, /metrics: what supervisors, load balancers and Prometheus ask."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from starlette.responses import Response

from shared.application.ports import Unavailable
from shared.runtime import metrics
from shared.runtime.http.api import Api
from shared.runtime.http.entries import NoQuery
from shared.runtime.http.paging import json_response

log = logging.getLogger(__name__)
Check = Callable[[], Awaitable[str | None]]
"""None where all is well; else the reason why the service is not ready."""
CHECK_SECONDS = 3.0
COUNT_SECONDS = 10.0
"""How old the counts of problems may be: a scrape must not cost more than a request."""


def health_router(api: Api, checks: Mapping[str, Check]) -> APIRouter:
    router = APIRouter(tags=["operations"])
    counts = _Counts(api)

    @router.get("/healthz", summary="存活 Alive, even without broker or database")
    async def alive(_: NoQuery) -> Response:
        return json_response({"status": "alive"})

    @router.get("/readyz", summary="就绪 Ready to work, or the reasons why not")
    async def ready(_: NoQuery) -> Response:
        reasons = await asyncio.gather(*(_reason(name, check) for name, check in checks.items()))
        said = dict(zip(checks, reasons, strict=True))
        is_ready = not any(reasons)
        body = {"ready": is_ready, "checks": {name: why or "ok" for name, why in said.items()}}
        return json_response(body, 200 if is_ready else 503, {"Cache-Control": "no-store"})

    @router.get("/metrics", summary="指标 Prometheus metrics")
    async def measured(_: NoQuery) -> Response:
        await counts.refresh()
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return router


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


class _Counts:
    """Problems by line and state, as gauges; while the database is away the last ones stand."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._taken = float("-inf")
        self._known: set[tuple[str, str]] = set()

    async def refresh(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._taken < COUNT_SECONDS:
            return
        self._taken = now
        try:
            tallies = await asyncio.wait_for(
                self._api.reads.tallies(self._api.clock.now()), CHECK_SECONDS
            )
        except (Unavailable, TimeoutError):
            log.warning("problems could not be counted for the metrics")
            return
        found = {
            (line, status): number
            for line, tally in tallies.items()
            for status, number in tally.by_status.items()
        }
        for line, status in self._known | set(found):
            metrics.PROBLEMS.labels(line, status).set(found.get((line, status), 0))
        for line, tally in tallies.items():
            metrics.PROBLEMS_OVERDUE.labels(line).set(tally.overdue)
        for line in {line for line, _ in self._known} - set(tallies):
            metrics.PROBLEMS_OVERDUE.labels(line).set(0)
        self._known = set(found)
