"""What a request says in its headers: who acts, which version was seen, which try it is."""

import re
from urllib.parse import unquote
from uuid import uuid4

from pydantic import ValidationError
from starlette.requests import Request

from shared.domain.actor import ROLE_NAMES, Actor, Role
from shared.domain.identity import command_id
from shared.domain.refusal import refuse

KEY_LENGTH = 200
WAIT_DEFAULT, WAIT_MOST = 5.0, 30.0
"""Seconds that a caller waits for a command's answer before it gets 202."""
_WAIT = re.compile(r'(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?\s*(?:$|[,;])', re.IGNORECASE)
_ETAG = re.compile(r'"(\d{1,9})"')
_ROLES = "、".join(f"{r}({ROLE_NAMES[r]})" for r in Role if r is not Role.SYSTEM)


def reader(request: Request) -> Actor | None:
    """Who reads; None for somebody who does not say, and sees what a viewer sees."""
    if not request.headers.get("x-actor"):
        return None
    return acting(request)


def acting(request: Request) -> Actor:
    """Who gives a command; refuses when nobody says so."""
    headers = request.headers
    who, role = headers.get("x-actor", "").strip(), headers.get("x-role", "").strip()
    missing = [name for name, value in (("X-Actor", who), ("X-Role", role)) if not value]
    if missing:
        raise refuse(
            "missing-actor",
            f"请在请求头写明 {'、'.join(missing)}:X-Actor 填操作人编号,X-Role 填角色({_ROLES})",
        )
    if role not in list(Role):
        raise refuse("malformed", f"没有角色“{role}”,X-Role 可填:{_ROLES}")
    if role == Role.SYSTEM or who.startswith("system:"):
        raise refuse("role-not-allowed", "系统角色只供程序内部使用 / the system's role is its own")
    for name in ("x-actor", "x-unit"):
        if not headers.get(name, "").isascii():
            raise refuse(
                "malformed", f"{name} 须为英文代码;中文姓名请百分号编码后写在 X-Actor-Name"
            )
    try:
        return Actor(
            id=who,
            role=Role(role),
            unit=headers.get("x-unit", "").strip() or None,
            name=_name(headers.get("x-actor-name", "")),
        )
    except ValidationError:
        raise refuse(
            "malformed", "X-Actor 最多 80 字,X-Unit 最多 40 字,X-Actor-Name 解码后最多 80 字"
        ) from None


def _name(said: str) -> str | None:
    try:
        return unquote(said, errors="strict").strip() or None
    except UnicodeDecodeError:
        raise refuse("malformed", "X-Actor-Name 须是百分号编码的 UTF-8") from None


def expected_version(request: Request) -> int | None:
    """The version in If-Match; None without one: whether it is needed, the domain knows."""
    said = request.headers.get("if-match")
    if said is None:
        return None
    found = _ETAG.fullmatch(said.strip())
    if found is None:
        raise refuse(
            "malformed", f'If-Match 须是读到的 ETag,如 "3";不接受 W/、* 和多个值,收到:{said[:60]}'
        )
    return int(found[1])


def new_command_id(request: Request, actor: Actor) -> str:
    """The id that a retry with the same Idempotency-Key arrives at; else one of its own."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return str(uuid4())
    if not 0 < len(key.strip()) <= KEY_LENGTH:
        raise refuse("malformed", f"Idempotency-Key 须为 1–{KEY_LENGTH} 个字符")
    caller = "\x1f".join((actor.id, actor.role.value, actor.unit or ""))
    return command_id(caller, key.strip())


def wait_seconds(request: Request) -> float:
    """`Prefer: wait=N`, cut to what we grant; a preference is never an error."""
    found = _WAIT.search(",".join(request.headers.getlist("prefer")))
    return min(float(found[1]), WAIT_MOST) if found else WAIT_DEFAULT


def unchanged(request: Request, etag: str) -> bool:
    """Whether If-None-Match names what the caller would get."""
    said = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in said.split(",")}
    return etag in tags
