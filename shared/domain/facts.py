"""What else speaks for a problem: small, named, and such as every store and reader can hold."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, Field, JsonValue

FACTS_MOST, FACTS_BYTES = 20, 8_000


def _storable(facts: dict[str, Any]) -> dict[str, Any]:
    try:
        size = len(json.dumps(facts, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, RecursionError):
        raise ValueError("附加事实须为有限的数字、文字或其列表") from None
    if size > FACTS_BYTES:
        raise ValueError(f"附加事实过大:{size} 字节,最多 {FACTS_BYTES}")
    _check(facts)
    return facts


def _check(value: Any) -> None:
    match value:
        case dict():
            for name, member in value.items():
                if not name or name.startswith("$") or "." in name or "\0" in name:
                    raise ValueError(f"附加事实的名称“{name}”不能为空、以 $ 开头或含有点")
                _check(member)
        case list():
            for member in value:
                _check(member)
        case int() if not -(2**63) <= value < 2**63:
            raise ValueError("附加事实中的整数过大")


Facts = Annotated[dict[str, JsonValue], Field(max_length=FACTS_MOST), AfterValidator(_storable)]
"""At most 20 members and 8 kB of JSON; names without dots."""


def with_facts(held: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Both; the new ones win, also where there is no room for all."""
    merged = {name: value for name, value in held.items() if name not in new} | new
    while (
        len(merged) > FACTS_MOST
        or len(json.dumps(merged, ensure_ascii=False).encode()) > FACTS_BYTES
    ):
        merged.pop(next(iter(merged)))
    return merged
