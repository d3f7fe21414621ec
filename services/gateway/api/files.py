"""Reports as files to be kept: Word and Excel."""

import asyncio
from collections.abc import Callable
from urllib.parse import quote

from starlette.responses import Response

from shared.adapters.documents.docx import docx
from shared.adapters.documents.xlsx import xlsx
from shared.application.reports.paper import Paper
from shared.runtime.http.openapi import Json

_OFFICE = "application/vnd.openxmlformats-officedocument."
TYPES: dict[str, tuple[str, Callable[[Paper], bytes]]] = {
    "docx": (f"{_OFFICE}wordprocessingml.document", docx),
    "xlsx": (f"{_OFFICE}spreadsheetml.sheet", xlsx),
}


async def file_response(paper: Paper, kind: str, plain_name: str) -> Response:
    """`plain_name`: for clients that cannot read the Chinese one."""
    media, write = TYPES[kind]
    # Thousands of rows are seconds of work: other requests go on meanwhile.
    content = await asyncio.to_thread(write, paper)
    name = quote(f"{paper.title}.{kind}", safe="")
    said = f"attachment; filename=\"{plain_name}.{kind}\"; filename*=UTF-8''{name}"
    return Response(content, media_type=media, headers={"Content-Disposition": said})


def file_answers(kind: str) -> dict[int | str, Json]:
    return {200: {"description": f"{kind} 文件 a file", "content": {TYPES[kind][0]: {}}}}
