"""/v1/departments, /v1/towns, /v1/plan: the county pack, as data."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from shared.declaration.county.county import County
from shared.declaration.county.plan import Item
from shared.domain.problem_clocks import KINDS, TABLE
from shared.runtime.http.api import Api
from shared.runtime.http.entries import NoQuery
from shared.runtime.http.known_codes import CodeList, Known
from shared.runtime.http.paging import json_response
from shared.runtime.http.query import parameters, query


class PlanParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    line: CodeList = Field(
        default=[], description="工作线;在工作线服务上默认为本线 a line's own items by default"
    )


def pack_router(api: Api) -> APIRouter:
    router = APIRouter(tags=["county"])
    county = api.county

    @router.get("/v1/departments", summary="部门 The departments that the plan names")
    async def get_departments(_: NoQuery) -> Response:
        items = [department.model_dump(mode="json") for department in county.departments]
        return json_response({"items": items, "next": None})

    @router.get("/v1/towns", summary="镇街和园区 Towns and parks")
    async def get_towns(_: NoQuery) -> Response:
        towns = [{"kind": "town", **town.model_dump(mode="json")} for town in county.towns]
        parks = [{"kind": "park", **park.model_dump(mode="json")} for park in county.parks]
        return json_response({"items": [*towns, *parks], "next": None})

    @router.get("/v1/clocks", summary="时限 How long things may take, and how it is pressed")
    async def get_clocks(_: NoQuery) -> Response:
        return json_response(_clocks(county))

    @router.get(
        "/v1/plan",
        summary="方案 The plan, clause by clause",
        openapi_extra=parameters(PlanParameters),
    )
    async def get_plan(
        given: Annotated[PlanParameters, Depends(query(PlanParameters))],
    ) -> Response:
        known = Known(county)
        lines = known.lines("line", given.line) or ((api.line,) if api.line else ())
        known.check()
        return json_response(_plan(county, lines))

    return router


def _clocks(county: County) -> dict[str, Any]:
    """The county's allowances, warnings and steps, and what each command does to the clocks."""
    return {
        **county.clocks.model_dump(mode="json"),
        "hours": [each.model_dump(mode="json") for each in county.calendar.hours],
        "commands": {
            command: {**{kind.value: row.of(kind).value for kind in KINDS}, "why": row.why}
            for command, row in TABLE.items()
        },
    }


def _plan(county: County, lines: tuple[str, ...]) -> dict[str, Any]:
    """The plan's items of these lines (all when empty), each with the line it stands on."""

    def shown(items: tuple[Item, ...]) -> list[dict[str, Any]]:
        placed = [(county.line_of_item(item.id), item) for item in items]
        return [
            {**item.model_dump(mode="json"), "line": line.key}
            for line, item in placed
            if line is not None and (not lines or line.key in lines)
        ]

    about = county.about
    return {
        "county": {"code": about.code, "name": about.name, "name_en": about.name_en},
        "pack": about.pack.model_dump(mode="json"),
        "document": about.document.model_dump(mode="json"),
        "goals": county.plan.goals.model_dump(mode="json"),
        "towns_and_parks": county.plan.towns_and_parks.model_dump(mode="json"),
        "items": shown(county.plan.items),
        "safeguards": shown(county.plan.safeguards),
    }
