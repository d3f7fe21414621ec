"""/v1/imports/problems: the office's own workbook coming back.

By default nothing is changed and every wrong cell is told; with `dry_run=false` the rows are
carried out, and none of them where any is wrong.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from shared.adapters.workbook.reading import read_sheet
from shared.application.handler import check_unit
from shared.application.ledgers.importing import ProblemImport
from shared.application.ledgers.problems import PROBLEMS
from shared.application.ledgers.returned_rows import ReturnedRow
from shared.application.ledgers.sheet import ROWS_MOST, Sheet
from shared.application.ledgers.table import Showing
from shared.application.ledgers.words import Words
from shared.application.reads import ProblemFilter, ProblemSort
from shared.domain.decide import check_may_create
from shared.domain.entry import Kind
from shared.domain.problem import Problem
from shared.domain.refusal import FieldError, refuse
from shared.runtime.http.api import Api
from shared.runtime.http.carrying_out import Step, carry_out, told
from shared.runtime.http.exported import learn_batches
from shared.runtime.http.exports import CSV_TYPE, XLSX_TYPE
from shared.runtime.http.headers import acting
from shared.runtime.http.openapi import answers, command_headers, refusals
from shared.runtime.http.paging import json_response
from shared.runtime.http.posted_file import uploaded
from shared.runtime.http.query import parameters, query

BYTES_MOST = 20 * 1024 * 1024
_LOOKED_UP = 200
_ERRORS_SHOWN = 50
_FILE = {"type": "string", "format": "binary"}
_FORM = {"type": "object", "required": ["file"], "properties": {"file": _FILE}}
_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {"schema": _FORM},
        XLSX_TYPE: {"schema": _FILE},
        "application/vnd.ms-excel": {"schema": _FILE},
        CSV_TYPE: {"schema": _FILE},
    },
}


class ImportParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    dry_run: bool = Field(
        default=True, description="只检查不导入(默认) only look; false: carry the rows out"
    )


def imports_router(api: Api) -> APIRouter:
    router = APIRouter(tags=["imports"])
    # A workbook takes many times its size while it is read.
    turns = asyncio.Semaphore(1)

    @router.post(
        "/v1/imports/problems",
        summary="导入问题清单 Import problems from a workbook",
        description=f"导出的台账填好后交回:.xlsx、.xls 或 .csv(UTF-8 或 GB18030),至多 "
        f"{BYTES_MOST >> 20} MB、{ROWS_MOST} 行。没有编号的行登记为新问题,有编号的行只收整改进展。"
        "有任何一格不对就一行也不导入;同一内容再次导入不会重复登记。",
        openapi_extra={
            **parameters(ImportParameters),
            "parameters": [*parameters(ImportParameters)["parameters"], *command_headers(False)],
            "requestBody": _BODY,
        },
        responses=answers("逐格检查和逐行结果 cells and rows", "application/json")
        | refusals(400, 403, 413, 415, 422, 503),
    )
    async def import_problems(
        request: Request, given: Annotated[ImportParameters, Depends(query(ImportParameters))]
    ) -> Response:
        actor = acting(request)
        check_may_create(Kind.PROBLEM, actor.role)
        check_unit(actor, api.county)
        raw = await uploaded(request, BYTES_MOST)
        async with turns:
            sheet = await asyncio.to_thread(read_sheet, raw, PROBLEMS.zh)
        words = Words(api.county, await api.cards())
        showing = Showing(words, api.clock.now(), api.today())
        job = ProblemImport(showing, actor, api.line)
        steps = await _judged(api, job, sheet, showing)
        report = _report(job, sheet, raw, given.dry_run)
        if job.wrong.total and not given.dry_run:
            raise _refused(job, report)
        rows = [told(step) for step in steps]
        if not given.dry_run:
            rows = await carry_out(api, actor, steps)
        counts = Counter(row["outcome"] for row in rows)
        ok = report["ok"] and not counts["refused"] + counts["not-tried"]
        return json_response({**report, "ok": ok, "counts": counts, "rows": rows})

    return router


async def _judged(api: Api, job: ProblemImport, sheet: Sheet, showing: Showing) -> list[Step]:
    """What each right row would do, in the order of the file."""
    parsed = await asyncio.to_thread(job.parse, sheet)
    problems = {
        problem.number: problem
        for part in _parts(parsed.numbered)
        for problem in await _found(api, ProblemFilter(numbers=part))
    }
    await learn_batches(api, showing, list(problems.values()))
    there = {
        problem.id: problem
        for part in _parts(row.entry for row in parsed.new)
        for problem in await _found(api, ProblemFilter(ids=part))
    }
    returned: list[ReturnedRow] = await asyncio.to_thread(lambda: list(job.judge(parsed, problems)))
    steps = [
        *(Step.of_new(row, there.get(row.entry)) for row in parsed.new),
        *(Step.of_returned(row) for row in returned),
    ]
    return sorted(steps, key=lambda step: step.row)


def _parts(values: Iterable[str]) -> Iterable[tuple[str, ...]]:
    rest = iter(values)
    while part := tuple(islice(rest, _LOOKED_UP)):
        yield part


async def _found(api: Api, which: ProblemFilter) -> Sequence[Problem]:
    now = api.clock.now()
    return (await api.reads.problems(which, ProblemSort.NEWEST, now, 2 * _LOOKED_UP)).items


def _report(job: ProblemImport, sheet: Sheet, raw: bytes, dry_run: bool) -> dict[str, Any]:
    wrong, remarks = job.wrong, job.remarks
    wrong.sort()
    remarks.sort()
    return {
        "ok": wrong.total == 0,
        "dry_run": dry_run,
        "file": {
            "sha256": hashlib.sha256(raw).hexdigest(),
            "kind": sheet.kind,
            "sheet": sheet.name,
            "notes": list(sheet.notes),
        },
        "cells": wrong.documents(),
        "wrong_cells": wrong.total,
        "more_wrong_cells": wrong.total - len(wrong.kept),
        "wrong_rows": len(wrong.rows),
        "warnings": remarks.documents(),
        "more_warnings": remarks.total - len(remarks.kept),
    }


def _refused(job: ProblemImport, report: dict[str, Any]) -> Exception:
    errors = [
        FieldError(pointer=f"/{each.row}/{each.column or ''}", detail=each.detail)
        for each in job.wrong.kept[:_ERRORS_SHOWN]
    ]
    said = (
        f"{len(job.wrong.rows)} 行共 {job.wrong.total} 处有误,一行也没有导入;"
        "请按 cells 逐格改正后重新导入"
    )
    return refuse("invalid-field", said, *errors, **report)
