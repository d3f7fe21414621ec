"""Signal bodies with something wrong in them: what broken senders, and people, put into an entrance."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

Json = dict[str, Any]
LARGE = 1_000_000


def kinds(good: Json, number: str, chance: Random) -> dict[str, Callable[[], bytes]]:
    """Each kind of damage by its name; `number` is a field of `good` whose bounds 17,000 breaks."""
    raw = json.dumps(good).encode()

    def with_(**more: Any) -> bytes:
        return json.dumps(good | more).encode()

    return {
        "truncated": lambda: raw[: chance.randrange(1, len(raw) - 1)],
        "words for a number": lambda: with_(**{number: "high"}),
        "NaN": lambda: with_(**{number: float("nan")}),
        "infinity": lambda: with_(**{number: float("-inf")}),
        "beyond its range": lambda: with_(**{number: 17_000}),
        "far future": lambda: with_(observed_at="2099-01-01T00:00:00Z"),
        "no time zone": lambda: with_(observed_at="2026-11-24T15:30:00"),
        "no time": lambda: with_(observed_at=chance.randrange(10**20, 10**30)),
        "nowhere": lambda: with_(lon=999),
        "no device": lambda: json.dumps(
            {k: v for k, v in good.items() if k != "device_id"}
        ).encode(),
        "empty device": lambda: with_(device_id=""),
        "unknown field": lambda: with_(**{chr(chance.randrange(97, 123)) * 3: 1}),
        "another unit": lambda: with_(unit="mg/m3"),
        "deep": lambda: b"[" * 10_000,
        "noise": lambda: bytes(chance.randrange(256) for _ in range(chance.randrange(1, 60))),
        "no object": lambda: json.dumps(chance.choice([None, 3, "x", True])).encode(),
        "UTF-16": lambda: "甲".encode("utf-16"),
    }


def large(good: Json) -> bytes:
    """A megabyte of text where a name belongs. It costs more than the others: use it sparingly."""
    return json.dumps(good | {"device_id": "x" * LARGE}).encode()
