"""`/v1/rankings/air/{month}`: the monthly ranking of towns by their air, kept in versions."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.api.batches import only_the_coordinator
from services.gateway.api.month_query import month_in_path
from shared.application.reports.air import (
    AirBody,
    AirMonth,
    AirRankings,
    checked,
    missing,
    put,
)
from shared.domain.accountability import combined_ranks
from shared.domain.calendar_month import CalendarMonth
from shared.domain.refusal import invalid, refuse
from shared.domain.validation import parse
from shared.runtime.http.api import Api
from shared.runtime.http.body import json_object
from shared.runtime.http.commands import etag_of
from shared.runtime.http.entries import NoQuery
from shared.runtime.http.headers import acting, expected_version
from shared.runtime.http.openapi import Responses, command_headers, refusals
from shared.runtime.http.paging import json_response
from shared.runtime.http.query import parameters, query


class AirParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(
        default=None, ge=1, description="第几版;默认最新 which version; the latest by default"
    )


def air_router(api: Api, rankings: AirRankings) -> APIRouter:
    router = APIRouter(tags=["rankings"])

    @router.put(
        "/v1/rankings/air/{month}",
        summary="空气质量月排名入库 Keep a month's ranking by air",
        description="每个镇街一行:综合指数 composite,同比改善率 yoy(%)。未写到的镇街列在 missing,"
        "当月没有名次。更正已有月份须带 If-Match;旧版保留。内容相同的重试不产生新版。",
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": _schema()}},
            },
            "parameters": [*command_headers(version=False), _IF_MATCH],
        },
        responses=_NEW_VERSION | refusals(400, 403, 412, 413, 415, 422, 428, 503),
    )
    async def put_month(month: str, request: Request, _: NoQuery) -> Response:
        actor = acting(request)
        only_the_coordinator(actor, "登记空气质量排名")
        key, now = month_in_path(month), api.clock.now()
        if key.end > now:
            raise invalid("/month", f"{key} 还没有结束,不能登记全月排名")
        body = parse(AirBody, await json_object(request))
        rows = checked(api.county, body)
        by = actor.unit or actor.id
        held, new = await put(rankings, key, rows, body.source, expected_version(request), now, by)
        where = f"/v1/rankings/air/{key}"
        headers = {"ETag": etag_of(held.version), "Location": where}
        return json_response(_shown(api, held), 201 if new else 200, headers)

    @router.get(
        "/v1/rankings/air/{month}",
        summary="空气质量月排名 A month's ranking by air",
        openapi_extra=parameters(AirParameters),
        responses=refusals(404, 422, 503),
    )
    async def get_month(
        month: str, which: Annotated[AirParameters, Depends(query(AirParameters))]
    ) -> Response:
        key = month_in_path(month)
        held = await rankings.get(str(key), which.version)
        if held is None:
            raise refuse(
                "not-found", f"没有登记 {key} 的空气质量排名;由统筹协调 PUT /v1/rankings/air/{key}"
            )
        return json_response(_shown(api, held), headers={"ETag": etag_of(held.version)})

    @router.get(
        "/v1/rankings/air",
        summary="已登记的月份 The months that are kept, of the last two years",
        responses=refusals(503),
    )
    async def get_months(_: NoQuery) -> Response:
        last = CalendarMonth.of(api.clock.now())
        found = await rankings.between(str(last.shifted(-24)), str(last))
        items = [each.model_dump(mode="json", exclude={"rows"}) for each in reversed(found)]
        return json_response({"items": items, "next": None})

    return router


def _shown(api: Api, held: AirMonth) -> dict[str, Any]:
    """Rows by combined rank, those without one last."""
    ranks = combined_ranks(held.air(), api.county.scores.accountability.thresholds())
    rows = [
        {
            **row.model_dump(mode="json"),
            "name": api.county.unit_name(row.town),
            "rank": ranks.get(row.town),
        }
        for row in sorted(held.rows, key=lambda row: (ranks.get(row.town, 10**6), row.town))
    ]
    lacking = [
        {"town": code, "name": api.county.unit_name(code)}
        for code in missing(api.county, held.rows)
    ]
    return {**held.model_dump(mode="json"), "rows": rows, "missing": lacking}


def _schema() -> dict[str, Any]:
    """Without references: the description's own schemas are the ledgers'."""
    schema = AirBody.model_json_schema()
    definitions = schema.pop("$defs")
    schema["properties"]["rows"]["items"] = definitions["AirRow"]
    return schema


_NEW_VERSION: Responses = {201: {"description": "新的一版 a new version"}}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "要更正的版本 the version to be replaced",
    "schema": {"type": "string"},
    "example": '"1"',
}
