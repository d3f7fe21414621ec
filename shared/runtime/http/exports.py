"""/v1/exports: the three ledgers as the office's own files, with the filters of their lists.

A ledger of a million rows passes page by page: a CSV straight to the client, a workbook through a
file that is deleted when it was sent.
"""

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from shared.adapters.workbook.csv_writer import CsvWriter
from shared.adapters.workbook.forms import FileColumn
from shared.adapters.workbook.xlsx_writer import XlsxWriter
from shared.application.ledgers.cells import CellKind
from shared.application.ledgers.problems import PROBLEMS
from shared.application.ledgers.table import SERIAL, Ledger, Showing
from shared.domain.moments import SHANGHAI
from shared.domain.refusal import refuse
from shared.runtime.http.api import Api
from shared.runtime.http.entries import VARY
from shared.runtime.http.exported import SOURCES, Source, showing_for, with_batches
from shared.runtime.http.headers import reader
from shared.runtime.http.openapi import answers, refusals
from shared.runtime.http.query import PAGING, parameters, query
from shared.runtime.http.show import sees_people

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
AT_ONCE = 2
"""Workbooks that one service writes at the same time; others wait for their turn."""


def exports_router(api: Api) -> APIRouter:
    router = APIRouter(tags=["exports"])
    turns = asyncio.Semaphore(AT_ONCE)
    for source in SOURCES:
        for form, media_type in (("xlsx", XLSX_TYPE), ("csv", CSV_TYPE)):
            answer = answers("台账文件 the ledger", media_type)
            router.get(
                f"/v1/exports/{source.ledger.name}.{form}",
                summary=f"导出{source.ledger.zh} Export {source.ledger.name} as {form}",
                description="筛选条件同列表;时间为北京时间;责任人、联系电话只给参与工作的角色。"
                "The filters of the list; personal columns only for the roles at work.",
                operation_id=f"export_{source.ledger.name}_{form}",
                openapi_extra=parameters(source.model, PAGING),
                responses=answer | refusals(400, 422, 503),
                response_class=Response,
            )(_route(api, source, form, turns))
    return router


def _route(
    api: Api, source: Source, form: str, turns: asyncio.Semaphore
) -> Callable[..., Awaitable[Response]]:
    async def export(
        request: Request, given: Annotated[Any, Depends(query(source.model, PAGING))]
    ) -> Response:
        actor = reader(request)
        showing = await showing_for(api, source, given, actor)
        job = _Job(request, source.ledger.for_reader(sees_people(actor)), showing)
        pages = source.pages(api, given)
        if source.ledger is PROBLEMS:
            pages = with_batches(api, showing, pages)
        if form == "xlsx":
            async with turns:
                return await job.workbook(pages)
        # What can be refused is refused before the first byte is sent.
        first = await anext(pages, ())
        return StreamingResponse(
            job.csv(first, pages), headers=job.headers("csv"), media_type=CSV_TYPE
        )

    return export


@dataclass(frozen=True)
class _Job:
    request: Request
    ledger: Ledger[Any]
    showing: Showing

    def headers(self, form: str) -> dict[str, str]:
        day = f"{self.showing.today:%Y%m%d}"
        zh = quote(f"{self.ledger.zh}-{day}.{form}")
        name = f"attachment; filename=\"{self.ledger.name}-{day}.{form}\"; filename*=UTF-8''{zh}"
        return {"Content-Disposition": name, "Cache-Control": "no-store", **VARY}

    def columns(self) -> list[FileColumn]:
        words = self.showing.words
        return [
            FileColumn(SERIAL, 6, CellKind.COUNT),
            *(
                FileColumn(
                    c.heading, c.width, c.kind, c.hidden, c.choices(words) if c.choices else ()
                )
                for c in self.ledger.columns
            ),
        ]

    def rows(self, before: int, page: Sequence[Any]) -> list[Sequence[Any]]:
        return [self.ledger.row(n, each, self.showing) for n, each in enumerate(page, before + 1)]

    async def csv(self, first: Sequence[Any], pages: AsyncIterator[Sequence[Any]]) -> Any:
        writer = CsvWriter(self.columns(), str(self.request.base_url))
        yield writer.head()
        count = 0
        yield await asyncio.to_thread(self._lines, writer, count, first)
        count += len(first)
        async for page in pages:
            yield await asyncio.to_thread(self._lines, writer, count, page)
            count += len(page)

    def _lines(self, writer: CsvWriter, before: int, page: Sequence[Any]) -> bytes:
        return writer.add(self.rows(before, page))

    async def workbook(self, pages: AsyncIterator[Sequence[Any]]) -> Response:
        """Written in a thread page by page, so that the service goes on answering."""
        made = self.showing.now.astimezone(SHANGHAI)
        note = f"{made:%Y-%m-%d %H:%M} 导出"
        folder = TemporaryDirectory(prefix="tenlines-export-")
        try:
            writer = XlsxWriter(
                Path(folder.name), self.ledger.zh, self.columns(), str(self.request.base_url), note
            )
            count = 0
            async for page in pages:
                if await self.request.is_disconnected():
                    raise ClientDisconnect
                await asyncio.to_thread(self._write, writer, count, page)
                count += len(page)
            path = await asyncio.to_thread(writer.close)
        except BaseException as error:
            await asyncio.to_thread(folder.cleanup)
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                said = "服务器临时空间不足,放不下这份工作簿;请缩小筛选范围,或改用 .csv(不占空间)"
                raise refuse("unavailable", said) from None
            raise
        return _Sent(folder, path, headers=self.headers("xlsx"), media_type=XLSX_TYPE)

    def _write(self, writer: XlsxWriter, before: int, page: Sequence[Any]) -> None:
        writer.add(self.rows(before, page))


class _Sent(FileResponse):
    """Deletes its file when it was sent, and also when it was not."""

    def __init__(self, folder: TemporaryDirectory[str], path: Path, **more: Any) -> None:
        super().__init__(path, **more)
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await asyncio.to_thread(self._folder.cleanup)
