"""`GET /v1/summary`: exact counts by any dimensions."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.responses import Response

from services.gateway.counting import DIMENSIONS, summarize
from services.gateway.live_model import LiveModel
from shared.application.findable import CELL_FIELDS
from shared.domain.moments import Clock
from shared.runtime.http.openapi import refusals
from shared.runtime.http.paging import json_response
from shared.runtime.http.query import VALUES_MOST, parameters, query

_Values = Annotated[list[str], Field(default_factory=list, max_length=VALUES_MOST)]


class SummaryParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: list[str] = Field(
        default=["line"],
        max_length=VALUES_MOST,
        description=f"按哪些维度,逗号分隔 dimensions: {', '.join(DIMENSIONS)}",
    )
    line: _Values
    town: _Values
    status: _Values
    severity: _Values
    department: _Values
    category: _Values
    source: _Values
    clause: _Values

    @field_validator("by")
    @classmethod
    def _known(cls, said: list[str]) -> list[str]:
        names = [name.strip() for part in said for name in part.split(",") if name.strip()]
        unknown = [name for name in names if name not in DIMENSIONS]
        if unknown or not names:
            raise ValueError(
                f"没有维度“{'、'.join(unknown)[:100]}”;by 可用:{'、'.join(DIMENSIONS)},以逗号分隔"
            )
        return list(dict.fromkeys(names))

    def where(self) -> dict[str, list[str]]:
        """Dimension → allowed values, for those that are narrowed."""
        return {name: values for name in CELL_FIELDS if (values := getattr(self, name, None))}


def summary_router(model: LiveModel, clock: Clock) -> APIRouter:
    router = APIRouter()

    @router.get(
        "/v1/summary",
        summary="统计 Exact counts of problems by any dimensions",
        description="open 未办结,overdue 超期(读时判断),closed 销号,closed_in_time 按期申请销号,"
        "median_hours 立案到销号的小时数中位数;day、month 为销号日期(北京时间)。",
        openapi_extra=parameters(SummaryParameters),
        responses=refusals(400, 422, 503),
        tags=["summary"],
    )
    async def get_summary(
        which: Annotated[SummaryParameters, Depends(query(SummaryParameters))],
    ) -> Response:
        counters, now = model.current.counters, clock.now()
        where = which.where()
        cells = [name for name in which.by if name != "month"]
        if "month" in which.by:
            cells.append("day")
        sums = await counters.sums(cells, {name: {"$in": v} for name, v in where.items()})
        late = await counters.overdue(now)
        rows, total = summarize(which.by, sums, _narrowed(late, where))
        body: dict[str, Any] = {"by": which.by, "at": now.isoformat(), "rows": rows}
        return json_response({**body, "total": total})

    return router


def _narrowed(late: dict[str, int], where: dict[str, list[str]]) -> dict[str, int]:
    def fits(cell: str) -> bool:
        values = dict(zip(CELL_FIELDS, cell.split("|"), strict=True))
        return all(values[name] in allowed for name, allowed in where.items())

    return {cell: number for cell, number in late.items() if fits(cell)}
