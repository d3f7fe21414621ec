"""`/v1/batches`: the coordinator draws the numbered batch; everybody reads it."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.api.files import TYPES, file_answers, file_response
from shared.application.reports.batches import ROWS_MOST, Batch, Batches, BatchRow, Drawing, Wish
from shared.application.reports.papers import batch_paper
from shared.domain.actor import Actor, Role
from shared.domain.refusal import refuse
from shared.domain.validation import parse
from shared.runtime.http.api import Api
from shared.runtime.http.body import json_object
from shared.runtime.http.entries import NoQuery
from shared.runtime.http.headers import acting, new_command_id
from shared.runtime.http.known_codes import CodeList, Known
from shared.runtime.http.openapi import command_headers, refusals
from shared.runtime.http.paging import json_response, page_response, start_of
from shared.runtime.http.query import (
    PageParameters,
    from_moment_or_day,
    parameters,
    query,
    to_moment_or_day,
)


class DrawBody(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    begin: Annotated[datetime, BeforeValidator(from_moment_or_day)] | None = Field(
        default=None,
        alias="from",
        description="报告时间起(日期或时间);默认接上一批 since the last batch of these lines",
    )
    end: Annotated[datetime, BeforeValidator(to_moment_or_day)] | None = Field(
        default=None,
        alias="to",
        description="报告时间止:日期含当日,时间不含;默认现在 a day is included, a moment not",
    )
    lines: CodeList = Field(default=[], description="工作线;默认全部 line keys; all when empty")
    title: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
        | None
    ) = Field(default=None, description="标题 title")


class DrawParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    dry_run: bool = Field(
        default=False, description="只看会列入什么,不出批次 show what it would hold, draw nothing"
    )


def only_the_coordinator(actor: Actor, what: str) -> None:
    if actor.role is not Role.COORDINATOR:
        raise refuse(
            "role-not-allowed",
            f"只有统筹协调(coordinator)可以{what}",
            roles=[Role.COORDINATOR.value],
        )


def batches_router(api: Api, batches: Batches) -> APIRouter:
    router = APIRouter(tags=["batches"])
    drawing = Drawing(api.reads, batches, api.county, api.clock)

    @router.post(
        "/v1/batches",
        summary="出批次 Draw the next numbered batch",
        description=f"列出该时段报告的问题,逐条按出批时的情况存档;至多 {ROWS_MOST} 条,超出则拒绝。"
        "已列入此前批次、不属实、已并案的不列入,另报件数。编号逐批加一,不空号;"
        "同一 Idempotency-Key 只出一批。dry_run=true 时为草稿,无编号。",
        status_code=201,
        openapi_extra={
            "requestBody": {
                "required": False,
                "content": {"application/json": {"schema": DrawBody.model_json_schema()}},
            },
            "parameters": [
                *command_headers(version=False),
                *parameters(DrawParameters)["parameters"],
            ],
        },
        responses=refusals(400, 403, 409, 413, 415, 422, 503),
    )
    async def draw(
        request: Request, which: Annotated[DrawParameters, Depends(query(DrawParameters))]
    ) -> Response:
        actor = acting(request)
        only_the_coordinator(actor, "出批次")
        said = parse(DrawBody, await json_object(request))
        known = Known(api.county)
        lines = tuple(sorted(set(known.lines("lines", said.lines))))
        known.check()
        wish = Wish(begin=said.begin, end=said.end, lines=lines, title=said.title)
        if which.dry_run:
            draft, rows = await drawing.draft(wish, actor.unit)
            return json_response(_whole(draft, rows))
        command = new_command_id(request, actor)
        batch = await drawing.draw(wish, command, _digest(wish), actor.unit)
        assert batch.number is not None
        shown = _whole(batch, await _rows(batches, batch.number))
        return json_response(shown, 201, {"Location": f"/v1/batches/{batch.number}"})

    @router.get(
        "/v1/batches",
        summary="批次 The batches, the latest first",
        openapi_extra=parameters(PageParameters),
        responses=refusals(400, 503),
    )
    async def get_batches(
        request: Request, which: Annotated[PageParameters, Depends(query(PageParameters))]
    ) -> Response:
        after = start_of(request, which.cursor, (int,))
        before = after[0] if after else None
        assert before is None or isinstance(before, int)
        found = await batches.page(before, which.limit + 1)
        page = found[: which.limit]
        end = (page[-1].number,) if len(found) > which.limit else None
        return page_response(request, [_head(batch) for batch in page], end)

    for kind in TYPES:
        # Before the plain address, which would take `3.docx` for a number.
        router.get(
            f"/v1/batches/{{number}}.{kind}",
            summary=f"批次文件 A batch as a {kind} file",
            responses=file_answers(kind) | refusals(404, 503),
        )(_as_file(api, batches, kind))

    @router.get(
        "/v1/batches/{number}",
        summary="一个批次 One batch, by towns",
        responses=refusals(404, 503),
    )
    async def get_batch(number: str, _: NoQuery) -> Response:
        batch = await _existing(batches, number)
        assert batch.number is not None
        return json_response(_whole(batch, await _rows(batches, batch.number)))

    return router


def _as_file(api: Api, batches: Batches, kind: str) -> Callable[..., Awaitable[Response]]:
    async def get_file(number: str, _: NoQuery) -> Response:
        batch = await _existing(batches, number)
        assert batch.number is not None
        paper = batch_paper(api.county, batch, await _rows(batches, batch.number))
        return await file_response(paper, kind, f"batch-{batch.number}")

    get_file.__name__ = f"get_batch_{kind}"
    return get_file


async def _existing(batches: Batches, said: str) -> Batch:
    number = int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0
    batch = await batches.get(number) if number else None
    if batch is None:
        last = await batches.last_number()
        have = f"已出第 1–{last} 批" if last else "尚未出过批次"
        raise refuse("not-found", f"没有第“{said[:20]}”批;{have},见 GET /v1/batches")
    return batch


async def _rows(batches: Batches, number: int) -> list[BatchRow]:
    return [row async for row in batches.rows(number)]


def _head(batch: Batch) -> dict[str, Any]:
    shown = batch.model_dump(mode="json")
    shown["from"], shown["to"] = shown.pop("begin"), shown.pop("end")
    return shown


def _whole(batch: Batch, rows: list[BatchRow]) -> dict[str, Any]:
    towns: dict[str | None, dict[str, Any]] = {}
    for row in rows:
        group = towns.setdefault(row.town, {"town": row.town, "name": row.town_name, "rows": []})
        group["rows"].append(row.model_dump(mode="json", exclude={"town", "town_name"}))
    return {**_head(batch), "towns": list(towns.values())}


def _digest(wish: Wish) -> str:
    """Of what was asked, as it was asked: a default end is another moment at each try."""
    raw = orjson.dumps(wish.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(raw).hexdigest()
