"""One page of a list as an answer: items, the address of the next page, a Link header."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response

from shared.application.reads import Position
from shared.runtime.http.cursor import decode_cursor, encode_cursor

_NOT_OF_THE_QUERY = frozenset({"cursor", "limit", "count"})


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(value), status, headers, media_type="application/json")


def _canonical(request: Request) -> str:
    """Path and filters in one form: the order of parameters does not matter, their values do."""
    pairs = sorted(p for p in request.query_params.multi_items() if p[0] not in _NOT_OF_THE_QUERY)
    return f"{request.url.path}?{urlencode(pairs)}"


def start_of(request: Request, cursor: str | None, kinds: Sequence[type]) -> Position | None:
    """Where the page begins; None at the beginning. Refuses a cursor of another query."""
    if cursor is None:
        return None
    return decode_cursor(_canonical(request), cursor, kinds)


def page_response(
    request: Request,
    items: Sequence[dict[str, Any]],
    end: Position | None,
    total: int | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """`{"items", "next"}` and, where it was asked for, the exact `total`."""
    following = None
    if end is not None:
        kept = [pair for pair in request.query_params.multi_items() if pair[0] != "cursor"]
        cursor = encode_cursor(_canonical(request), end)
        following = f"{request.url.path}?{urlencode([*kept, ('cursor', cursor)])}"
    body: dict[str, Any] = {"items": list(items), "next": following}
    if total is not None:
        body["total"] = total
    links = {"Link": f'<{following}>; rel="next"'} if following else {}
    return json_response(body, headers={**links, **(headers or {})})
