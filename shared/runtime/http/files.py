"""/v1/files: photos and documents, uploaded first and attached by their hash afterwards."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from shared.adapters.files.kinds import ALLOWED_ZH, KINDS, MB, PHOTO_BYTES
from shared.application.files import KEPT, FileCard, FileStore, Named
from shared.domain.actor import ROLE_NAMES, Actor, Role
from shared.domain.moments import Clock
from shared.domain.problem_rules import RULES
from shared.domain.refusal import Refused, refuse
from shared.runtime import metrics
from shared.runtime.http.entries import VARY, NoQuery
from shared.runtime.http.headers import acting, unchanged
from shared.runtime.http.multipart import FIELD
from shared.runtime.http.openapi import actor_headers, refusals
from shared.runtime.http.paging import json_response
from shared.runtime.http.upload import LARGEST, Uploads

_HASH = re.compile("[0-9a-f]{64}")
_UPLOADING = RULES["attach-evidence"].roles
_READING = frozenset(Role) - {Role.DEVICE, Role.SYSTEM}
_NEVER_CHANGES = {
    # A hash names one content for ever, but not everybody may see it.
    "Cache-Control": "private, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    # Nothing in a file is ever to run, whatever a browser takes it for.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    **VARY,
}
_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": [FIELD],
                "properties": {FIELD: {"type": "string", "format": "binary"}},
            }
        }
    },
}


@dataclass(frozen=True)
class FileDesk:
    """What the router is made over. `named`: the entries whose evidence this service can read."""

    store: FileStore
    uploads: Uploads
    named: Named
    clock: Clock


def files_router(desk: FileDesk) -> APIRouter:
    router = APIRouter(tags=["files"])

    @router.post(
        "/v1/files",
        summary="上传照片或文件 Upload a photo or document",
        description=f"multipart/form-data,一次一个,部分名 `{FIELD}`。接受:{ALLOWED_ZH};"
        f"图片最大 {PHOTO_BYTES // MB} MB,其他最大 {LARGEST // MB} MB;类型按内容判断。"
        "再用答复中的 sha256 附到问题(attach-evidence、approve);一天内未附的文件会被清除。"
        "已有相同内容时答 200。",
        status_code=201,
        responses={
            200: {"description": "已有相同内容 that content is there already"},
            201: {"description": "已保存 stored; sha256, size, pixels, time and place by EXIF"},
            **refusals(400, 403, 408, 413, 415, 422, 503),
        },
        openapi_extra={"parameters": actor_headers(), "requestBody": _BODY},
    )
    async def upload(request: Request, _: NoQuery) -> Response:
        actor = acting(request)
        _check_role(actor, _UPLOADING, "上传文件")
        try:
            card, new = await desk.uploads.take(request, actor.id)
        except Refused as refused:
            metrics.FILES.labels(refused.refusal.type).inc()
            raise
        metrics.FILES.labels("stored" if new else "repeated").inc()
        where = f"/v1/files/{card.sha256}"
        return json_response(_shown(card), 201 if new else 200, {"Location": where})

    for method in ("GET", "HEAD"):
        only = " (headers only)" if method == "HEAD" else ""
        router.add_api_route(
            "/v1/files/{sha256}",
            _content(desk),
            methods=[method],
            summary=f"下载文件 Download a file{only}",
            description="附在可读问题上的文件;上传人一天内也可查看。图片直接显示,其他作为附件下载。",
            operation_id=f"{method.lower()}_file",
            responses=_answers(sorted(KINDS)) | refusals(400, 403, 404, 503),
            openapi_extra={"parameters": actor_headers()},
        )
        router.add_api_route(
            "/v1/files/{sha256}/thumbnail",
            _thumbnail(desk),
            methods=[method],
            summary=f"缩略图 Thumbnail of a photo, JPEG of at most 320 px{only}",
            operation_id=f"{method.lower()}_thumbnail",
            responses=_answers(["image/jpeg"]) | refusals(400, 403, 404, 503),
            openapi_extra={"parameters": actor_headers()},
        )
    return router


def _answers(media_types: list[str]) -> dict[int | str, dict[str, Any]]:
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        200: {"description": "内容 the content", "content": dict.fromkeys(media_types, binary)},
        304: {"description": "未变 unchanged"},
    }


def _content(desk: FileDesk) -> Any:
    async def get_file(sha256: str, request: Request, _: NoQuery) -> Response:
        card = await _readable(desk, sha256, request)
        headers = {
            **_NEVER_CHANGES,
            "ETag": f'"{sha256}"',
            "Content-Disposition": _disposition(card),
        }
        if unchanged(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        headers["Content-Length"] = str(card.facts.size)
        headers["Content-Type"] = card.facts.media_type
        if request.method == "HEAD":
            return Response(headers=headers)
        return StreamingResponse(_whole(desk, card), headers=headers)

    return get_file


async def _whole(desk: FileDesk, card: FileCard) -> AsyncIterator[bytes]:
    async for piece in desk.store.content(card.sha256):
        yield piece


def _thumbnail(desk: FileDesk) -> Any:
    async def get_thumbnail(sha256: str, request: Request, _: NoQuery) -> Response:
        card = await _readable(desk, sha256, request)
        small = await desk.store.thumbnail(sha256) if card.facts.thumbnail else None
        if small is None:
            kind = KINDS[card.facts.media_type].zh
            raise refuse("not-found", f"{kind}没有缩略图,请下载 /v1/files/{sha256}")
        headers = {**_NEVER_CHANGES, "ETag": f'"{sha256}-thumbnail"'}
        if unchanged(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(small, headers=headers, media_type="image/jpeg")

    return get_thumbnail


async def _readable(desk: FileDesk, sha256: str, request: Request) -> FileCard:
    """The file, or the refusal that does not tell whether there is one."""
    actor = acting(request)
    _check_role(actor, _READING, "查看文件")
    card = await desk.store.find(sha256) if _HASH.fullmatch(sha256) else None
    if card is not None:
        since = desk.clock.now() - KEPT
        if sha256 in await desk.named.named([sha256]):
            return card
        if await desk.store.uploaded_by(sha256, actor.id, since):
            return card
    raise refuse(
        "not-found",
        f"没有文件“{sha256[:64]}”,或它没有附在您可读的问题上;请核对 sha256",
    )


def _check_role(actor: Actor, roles: frozenset[Role], what: str) -> None:
    if actor.role not in roles:
        allowed = "、".join(ROLE_NAMES[r] for r in Role if r in roles)
        raise refuse(
            "role-not-allowed",
            f"“{ROLE_NAMES[actor.role]}”({actor.role})不能{what};可由以下角色:{allowed}",
            roles=sorted(role.value for role in roles),
        )


def _disposition(card: FileCard) -> str:
    """Pictures are shown, all else is saved; the name is the reader's to see, in any script."""
    kind = KINDS[card.facts.media_type]
    plain = f"{card.sha256[:12]}{kind.extensions[0]}"
    how = "inline" if kind.photo else "attachment"
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(card.name or plain, safe='')}"


def _shown(card: FileCard) -> dict[str, Any]:
    facts, where = card.facts, f"/v1/files/{card.sha256}"
    return {
        "sha256": card.sha256,
        "size": facts.size,
        "media_type": facts.media_type,
        "name": card.name,
        "pixels": {"width": card.width, "height": card.height} if card.width else None,
        "taken_at": facts.taken_at.isoformat() if facts.taken_at else None,
        "place": {"lon": facts.place.lon, "lat": facts.place.lat} if facts.place else None,
        "location": where,
        "thumbnail": f"{where}/thumbnail" if facts.thumbnail else None,
        "stored_at": card.stored_at.isoformat(),
    }
