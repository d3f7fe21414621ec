"""A request's JSON body: bounded, strict, and refused with words a clerk can act on."""

import json
from typing import Any

import orjson
from starlette.requests import Request

from shared.domain.refusal import refuse

BODY_BYTES = 256 * 1024


async def json_object(request: Request, most: int = BODY_BYTES) -> dict[str, Any]:
    """The body as an object; nothing at all counts as an empty one.

    Refuses what is longer than `most` bytes (also when it comes in chunks without a length), other
    media types, NaN and infinities, doubled keys, and what no later stage could store.
    """
    raw = await body_bytes(request, most)
    if not raw:
        return {}
    _check_type(request)
    try:
        value = json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=_without_doubles,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
        # Numbers beyond 64 bits and half characters are JSON, but nothing we can hash or keep.
        orjson.dumps(value)
    except RecursionError:
        raise refuse("malformed", "JSON 嵌套过深 / nested too deeply") from None
    except (ValueError, TypeError) as error:
        raise refuse("malformed", f"请求体不是合格的 JSON:{error}") from None
    if not isinstance(value, dict):
        raise refuse("malformed", "请求体须是一个 JSON 对象 {…} / the body must be an object")
    return value


async def body_bytes(request: Request, most: int) -> bytes:
    """The body as it is; refuses what is longer than `most` bytes while it still comes in."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise _too_large(most)
    parts, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        parts.append(chunk)
    return b"".join(parts)


def _too_large(most: int) -> Exception:
    return refuse(
        "too-large", f"请求体最大 {most // 1024} KB;请缩短文字,附件只填哈希值", limit_bytes=most
    )


def _check_type(request: Request) -> None:
    said = request.headers.get("content-type", "")
    kind, _, parameters = said.partition(";")
    charset = parameters.partition("charset=")[2].strip().strip('"').lower() or "utf-8"
    if kind.strip().lower() != "application/json" or charset not in ("utf-8", "utf8"):
        raise refuse(
            "unsupported-media-type",
            f"请用 Content-Type: application/json(UTF-8)提交,收到的是“{said or '(未填)'}”",
        )


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        double = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"字段重复 doubled keys: {', '.join(double)}")
    return found


def _no_constant(word: str) -> Any:
    raise ValueError(f"数值不能是 {word}")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"数值 {text[:20]} 过大")
    return number
