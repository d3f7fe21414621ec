"""A file in a request: as the body itself, or as the one file of a form."""

from collections.abc import AsyncGenerator

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from shared.domain.refusal import refuse
from shared.runtime.http.body import body_bytes

_FORM_ROOM = 64 * 1024
"""Bytes that a form's own lines may take beside the file."""
_FIELDS_MOST = 10


async def uploaded(request: Request, most: int) -> bytes:
    """The file's bytes, at most `most`; refuses more while it still comes in."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "multipart/form-data":
        return await body_bytes(request, most)
    whole = await body_bytes(request, most + _FORM_ROOM)

    async def once() -> AsyncGenerator[bytes, None]:
        yield whole

    try:
        parser = MultiPartParser(
            request.headers, once(), max_files=_FIELDS_MOST, max_fields=_FIELDS_MOST
        )
        form = await parser.parse()
    except MultiPartException as error:
        raise refuse("malformed", f"表单不完整:{error.message}") from None
    try:
        files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        if len(files) != 1:
            raise refuse("malformed", f"表单里须有且只有一个文件,收到 {len(files)} 个")
        raw = await files[0].read()
    finally:
        await form.close()
    if len(raw) > most:
        raise refuse("too-large", f"文件最大 {most >> 20} MB", limit_bytes=most)
    return raw
