"""CloudEvents 1.0 over Kafka in binary mode: attributes are `ce_` headers, the value is JSON."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from shared.contract.trace import as_headers, current

Headers = list[tuple[str, bytes]]
M = TypeVar("M", bound=BaseModel)

COMMAND = "cn.tenlines.command.v1"
REPLY = "cn.tenlines.reply.v1"
ENTRY = "cn.tenlines.entry.v1"
CHANGE = "cn.tenlines.change.v1"
FINDING = "cn.tenlines.finding.v1"
LINE_CARD = "cn.tenlines.line.v1"
PUBLISHED_CHANGE = "cn.tenlines.published-change.v1"

MAX_BYTES = 1_000_000
"""The largest value we accept or send: below the broker's own 1 MiB limit."""


class Unreadable(Exception):
    """The message can never be handled; its text says why. It belongs into the dead letters."""


def headers(type_: str, source: str, id_: str, at: datetime, subject: str) -> Headers:
    """The CloudEvents attributes of one record, with the trace that it is written for."""
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", id_.encode()),
        ("ce_source", source.encode()),
        ("ce_type", type_.encode()),
        ("ce_time", at.isoformat().encode()),
        ("ce_subject", subject.encode()),
        *as_headers(current()),
        ("content-type", b"application/json"),
    ]


def encode(message: BaseModel | dict[str, Any]) -> bytes:
    """JSON bytes of a message."""
    raw = message.model_dump(mode="json") if isinstance(message, BaseModel) else message
    return orjson.dumps(raw)


def attribute(pairs: Iterable[tuple[str, bytes]], name: str) -> str | None:
    """The value of one CloudEvents attribute; None where it is absent or not UTF-8."""
    for key, value in pairs:
        if key == f"ce_{name}":
            try:
                return value.decode()
            except UnicodeDecodeError:
                return None
    return None


def decode(
    model: type[M], type_: str, pairs: Iterable[tuple[str, bytes]], value: bytes | None
) -> M:
    """The message in a record, or `Unreadable` with the reason."""
    found = attribute(pairs, "type")
    if found != type_:
        raise Unreadable(f"ce_type is {found!r}, expected {type_!r}")
    if value is None:
        raise Unreadable("the record has no value")
    if len(value) > MAX_BYTES:
        raise Unreadable(f"the value has {len(value)} bytes, the most is {MAX_BYTES}")
    try:
        return model.model_validate(orjson.loads(value))
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"the value is not JSON: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = "/".join(str(part) for part in first["loc"])
        raise Unreadable(f"{where}: {first['msg']}") from None
