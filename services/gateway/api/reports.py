"""`/v1/reports`: the monthly work ranking and the accountability ladder, as JSON and as files."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.gateway.api.files import TYPES, file_answers, file_response
from services.gateway.api.month_query import MonthKey
from shared.application.reports.accountability import Accountability, accountability
from shared.application.reports.air import AirRankings
from shared.application.reports.papers import (
    accountability_paper,
    ranking_paper,
    reason_without_rank,
)
from shared.application.reports.ranking import MonthReads, Ranking, work_ranking
from shared.domain.accountability import Measure
from shared.domain.calendar_month import CalendarMonth
from shared.domain.refusal import invalid
from shared.domain.work_score import PART_NAMES, By
from shared.runtime.http.api import Api
from shared.runtime.http.openapi import refusals
from shared.runtime.http.paging import json_response
from shared.runtime.http.query import parameters, query

_MONTH = "月份,北京时间 month (Asia/Shanghai), such as 2026-10"


class MonthParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    month: MonthKey = Field(description=_MONTH)


class RankingParameters(MonthParameters):
    by: By = Field(default=By.TOWN, description="按镇街或按工作线 town or line")


_Ranking = Annotated[RankingParameters, Depends(query(RankingParameters))]
_Month = Annotated[MonthParameters, Depends(query(MonthParameters))]
_ABOUT_RANKING = (
    "口径见 docs/scores.md。过去的月份结果不再变化;本月算到现在。parts 逐项列出件数、分值和得分;"
    "镇街只是推定的问题不计入镇街排名,件数见 left_out。"
)
_ABOUT_ACCOUNTABILITY = (
    "measure 为按问责办法应采取的措施,one_more 为再有一个月居后时的措施;"
    "work 为当月工作评分,与空气名次并列,不合并。没有登记空气排名的月份中断连续。"
)


def reports_router(api: Api, reads: MonthReads, air: AirRankings) -> APIRouter:
    router = APIRouter(tags=["reports"])

    async def ranking(which: RankingParameters) -> Ranking:
        month = _begun(api, which.month)
        return await work_ranking(reads, api.county, month, which.by, api.clock.now())

    async def account(which: MonthParameters) -> Accountability:
        month = _begun(api, which.month)
        work = await work_ranking(reads, api.county, month, By.TOWN, api.clock.now())
        return await accountability(air, api.county, month, work)

    @router.get(
        "/v1/reports/ranking",
        summary="工作评分排名 Work ranking of a month",
        description=_ABOUT_RANKING,
        openapi_extra=parameters(RankingParameters),
        responses=refusals(400, 422, 503),
    )
    async def get_ranking(which: _Ranking) -> Response:
        return json_response(_ranking(await ranking(which)))

    @router.get(
        "/v1/reports/accountability",
        summary="问责阶梯 Where each town stands on the accountability ladder",
        description=_ABOUT_ACCOUNTABILITY,
        openapi_extra=parameters(MonthParameters),
        responses=refusals(400, 422, 503),
    )
    async def get_accountability(which: _Month) -> Response:
        return json_response(_accountability(await account(which)))

    def ranking_file(kind: str) -> Callable[..., Awaitable[Response]]:
        async def get_file(which: _Ranking) -> Response:
            paper = ranking_paper(api.county, await ranking(which))
            return await file_response(paper, kind, f"ranking-{which.by}-{which.month}")

        return get_file

    def accountability_file(kind: str) -> Callable[..., Awaitable[Response]]:
        async def get_file(which: _Month) -> Response:
            paper = accountability_paper(api.county, await account(which))
            return await file_response(paper, kind, f"accountability-{which.month}")

        return get_file

    for kind in TYPES:
        for name, zh, model, made in (
            ("ranking", "工作评分排名", RankingParameters, ranking_file),
            ("accountability", "问责阶梯", MonthParameters, accountability_file),
        ):
            router.get(
                f"/v1/reports/{name}.{kind}",
                summary=f"{zh}文件 The same as a {kind} file",
                operation_id=f"get_{name}_{kind}",
                openapi_extra=parameters(model),
                responses=file_answers(kind) | refusals(400, 422, 503),
            )(made(kind))

    return router


def _begun(api: Api, said: str) -> CalendarMonth:
    month = CalendarMonth.parse(said)
    if month.begin >= api.clock.now():
        raise invalid("/month", f"{month} 还没有开始 / this month has not begun")
    return month


def _ranking(found: Ranking) -> dict[str, Any]:
    rows = [
        {
            "code": row.code,
            "name": row.name,
            "rank": None if row.apart else row.score.rank,
            "score": row.score.value,
            "in_hand": row.score.tally.in_hand,
            "new": row.score.tally.new,
            "parts": [
                {
                    "part": part.part.value,
                    "name": PART_NAMES[part.part],
                    "count": part.count,
                    "weight": part.weight,
                    "points": part.points,
                }
                for part in row.score.parts
            ],
            "note": reason_without_rank(row, found.weights.minimum),
        }
        for row in found.rows
    ]
    return {
        "month": str(found.month),
        "by": found.by.value,
        "until": found.until.isoformat(),
        "running": found.running,
        "base": found.weights.base,
        "minimum": found.weights.minimum,
        "rows": rows,
        "left_out": {"guessed": found.guessed, "nowhere": found.nowhere},
    }


def _accountability(found: Accountability) -> dict[str, Any]:
    def said(measure: Measure) -> dict[str, str | None]:
        return {"deputy": measure.deputy, "heads": measure.heads}

    rows = []
    for one in found.accounts:
        rank, score = found.work.get(one.town, (None, None))
        rows.append(
            {
                "town": one.town,
                "name": found.names[one.town],
                "air": {
                    "rank": one.rank,
                    "composite": one.air.composite if one.air else None,
                    "yoy": one.air.improvement if one.air else None,
                    "last": one.last,
                },
                "streak": one.streak,
                "measure": said(one.measure),
                "one_more": said(one.one_more),
                "year": {
                    "rank": one.year_rank,
                    "last": one.year_last,
                    "measure": said(one.year_measure),
                },
                "work": {"rank": rank, "score": score},
            }
        )
    return {
        "month": str(found.month),
        "last_of_month": found.thresholds.last_of_month,
        "last_of_year": found.thresholds.last_of_year,
        "months": list(found.known),
        "rows": rows,
    }
