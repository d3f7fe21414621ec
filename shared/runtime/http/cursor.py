"""Cursors: where a page ended, opaque to the client and bound to the query that it came from.

The check sum is no secret, since a position gives no right; it keeps a cursor from being used with
other filters, where it would silently skip entries, and catches cut or altered ones.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import orjson

from shared.application.reads import Place, Position
from shared.domain.refusal import refuse

_SUM = 8


def encode_cursor(query: str, position: Position) -> str:
    """`query` is the canonical form of everything but limit, count and the cursor itself."""
    places = [[_millis(p)] if isinstance(p, datetime) else p for p in position]
    raw = orjson.dumps(places)
    return base64.urlsafe_b64encode(_sum(query, raw) + raw).decode().rstrip("=")


def decode_cursor(query: str, cursor: str, kinds: Sequence[type]) -> Position:
    """The position in `cursor`, or a refusal: altered, of another query, or of another version.

    `kinds` are the types that the query's positions have.
    """
    try:
        held = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _unfit() from None
    raw = held[_SUM:]
    if held[:_SUM] != _sum(query, raw):
        raise _unfit()
    position = tuple(_place(place) for place in orjson.loads(raw))
    if tuple(type(place) for place in position) != tuple(kinds):
        raise _unfit()
    return position


def _unfit() -> Exception:
    return refuse(
        "malformed",
        "cursor 无效:已被改动,或不属于这组筛选和排序条件;请原样使用上一页的 next 地址,或去掉 cursor"
        " 从第一页读起 / the cursor does not belong to this query",
    )


def _sum(query: str, raw: bytes) -> bytes:
    return hashlib.sha256(b"1\x00" + query.encode() + b"\x00" + raw).digest()[:_SUM]


def _millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _place(held: object) -> Place:
    match held:
        case [int(millis)]:
            return datetime.fromtimestamp(millis // 1000, UTC).replace(
                microsecond=millis % 1000 * 1000
            )
        case str() | int() | float() | None:
            return held
    raise _unfit()
