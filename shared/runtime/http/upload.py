"""Takes one uploaded file in: bounded while it comes, examined when it is whole, then stored."""

import asyncio
import errno
import hashlib
import logging
import re
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from starlette.requests import Request

from shared.adapters.files.examine import Examined, examine
from shared.adapters.files.kinds import KINDS, MB, Broken, FileKind, NotAllowed, first_guess
from shared.adapters.files.photos import TooManyPixels
from shared.application.files import FileCard, FileStore
from shared.domain.evidence import FileFacts
from shared.domain.moments import Clock
from shared.domain.refusal import Refused, invalid, refuse
from shared.runtime.http.multipart import FIELD, OVERHEAD_BYTES, Incoming
from shared.runtime.http.problem_json import http_refusal

log = logging.getLogger(__name__)
AT_ONCE = 4
"""Uploads that one process takes in together: each may lie on the disk until it is stored."""
SECONDS_MOST = 600.0
"""For one upload: 50 MB over a poor mobile network; whoever stalls longer gives the place up."""
NAME_LENGTH = 100
LARGEST = max(kind.most for kind in KINDS.values())
_TELLING_BYTES = 16
"""From so many bytes on the beginning tells whether to go on."""
_WRITE_BYTES = 256 * 1024
_UNSAFE = re.compile(r'[<>:"|?*]')


@dataclass(frozen=True)
class _Received:
    sha256: str
    size: int
    name: str | None


class Uploads:
    """The entrance of one process; `at_once` bounds what lies on its disk."""

    def __init__(
        self,
        store: FileStore,
        clock: Clock,
        at_once: int = AT_ONCE,
        seconds: float = SECONDS_MOST,
    ) -> None:
        self._store, self._clock, self._seconds = store, clock, seconds
        self._places = asyncio.Semaphore(at_once)
        # Decoding a large picture takes hundreds of megabytes: one after the other.
        self._decoding = asyncio.Semaphore(1)

    async def take(self, request: Request, uploader: str) -> tuple[FileCard, bool]:
        """The file as it is stored, and whether it is new. Raises Refused or Unavailable; then
        nothing of it is kept."""
        if self._places.locked():
            raise refuse("unavailable", "同时上传的人较多,请几秒后重试 / too many uploads at once")
        async with self._places:
            with tempfile.TemporaryFile(prefix="tenlines-upload-") as file:
                try:
                    received = await self._receive(request, file)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    log.error("no room for uploads in %s", tempfile.gettempdir())
                    full = "服务器临时空间已满,请稍后重试,仍不行请联系运维 / no room left"
                    raise refuse("unavailable", full) from None
                examined = await self._examine(file, received.size)
                card = self._card(received, examined)
                small = examined.photo.thumbnail if examined.photo else None
                new = await self._store.put(card, file, small, uploader)
        return (card if new else await self._store.find(card.sha256) or card), new

    async def _receive(self, request: Request, file: BinaryIO) -> _Received:
        try:
            async with asyncio.timeout(self._seconds):
                return await _received(request, file)
        except TimeoutError:
            late = f"{self._seconds:g} 秒内没有传完,请换较好的网络或压缩后再传"
            raise Refused(http_refusal("request-timeout", late)) from None

    async def _examine(self, file: BinaryIO, size: int) -> Examined:
        async with self._decoding:
            try:
                return await asyncio.to_thread(examine, file, size)
            except NotAllowed as no:
                raise _not_allowed(no) from None
            except TooManyPixels as no:
                raise refuse("too-large", str(no)) from None
            except Broken as no:
                raise invalid(f"/{FIELD}", str(no)) from no

    def _card(self, received: _Received, examined: Examined) -> FileCard:
        kind, photo = examined.kind, examined.photo
        return FileCard(
            sha256=received.sha256,
            facts=FileFacts(
                media_type=kind.media_type,
                size=received.size,
                thumbnail=photo is not None,
                taken_at=photo.taken_at if photo else None,
                place=photo.place if photo else None,
            ),
            stored_at=self._clock.now(),
            width=photo.width if photo else None,
            height=photo.height if photo else None,
            name=display_name(received.name, kind),
        )


async def _received(request: Request, file: BinaryIO) -> _Received:
    """Write what comes in to `file`, as long as it can still become something that we keep."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > LARGEST + OVERHEAD_BYTES:
        raise _too_large("文件", LARGEST)
    part, digest = Incoming(), hashlib.sha256()
    size, head, most, what = 0, b"", LARGEST, "文件"
    waiting = bytearray()
    async for piece in part.pieces(request):
        size += len(piece)
        if len(head) < _TELLING_BYTES:
            head += piece[:_TELLING_BYTES]
            if len(head) >= _TELLING_BYTES:
                kind = _guessed(head)
                most, what = kind.most, kind.zh
        if size > most:
            raise _too_large(what, most)
        digest.update(piece)
        waiting += piece
        if len(waiting) >= _WRITE_BYTES:
            await asyncio.to_thread(file.write, bytes(waiting))
            waiting.clear()
    if not size:
        raise invalid(f"/{FIELD}", "文件是空的,请检查后重新上传")
    if len(head) < _TELLING_BYTES:
        _guessed(head)
    await asyncio.to_thread(file.write, bytes(waiting))
    return _Received(digest.hexdigest(), size, part.name)


def _guessed(head: bytes) -> FileKind:
    try:
        return first_guess(head)[0]
    except NotAllowed as no:
        raise _not_allowed(no) from None


def _not_allowed(no: NotAllowed) -> Refused:
    return refuse("unsupported-media-type", str(no), allowed=list(KINDS))


def _too_large(what: str, most: int) -> Refused:
    return refuse("too-large", f"{what}最大 {most // MB} MB;请压缩或拆分后再传", limit_bytes=most)


def display_name(said: str | None, kind: FileKind) -> str | None:
    """The client's name for the file as something that can only be read: no folders, no control or
    direction marks, and the ending of what it really is."""
    last = re.split(r"[/\\]", said or "")[-1]
    kept = "".join(c for c in last if not unicodedata.category(c).startswith("C"))
    name = " ".join(_UNSAFE.sub("", kept).split()).strip(" .")
    if not name:
        return None
    path = PurePosixPath(name)
    ending = path.suffix if path.suffix.lower() in kind.extensions else kind.extensions[0]
    stem = name.removesuffix(ending)
    return stem[: NAME_LENGTH - len(ending)] + ending
