"""Ten thousand broken bodies: nothing crashes, each is refused with a reason, the good ones count."""

import json
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.burning.line import LINE
from shared.application.signals.events import Signals
from shared.contract.envelope import Unreadable
from shared.contract.trace import Trace
from shared.declaration.signal import signal_type
from shared.domain.refusal import Refused
from shared.runtime.http.signal_items import ITEMS, ItemReader, split
from tests.mutations import kinds, large

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "device_id": "cam-7",
    "observed_at": "2026-11-24T15:30:00+08:00",
    "lon": 116.3,
    "lat": 35.05,
    "score": 0.9,
}


class Clock:
    def now(self) -> datetime:
        return NOW


SIGNALS = Signals(LINE, timedelta(minutes=10))
CAMERA = LINE.signal("thermal-camera")
assert CAMERA is not None
READER = ItemReader(SIGNALS, CAMERA, Clock())
JSON = "application/json"


def broken(chance: random.Random) -> bytes:
    """One body with something wrong in it."""
    if chance.random() < 0.02:
        return large(GOOD)
    return chance.choice(list(kinds(GOOD, "score", chance).values()))()


def test_ten_thousand_broken_bodies_are_refused_with_their_reasons() -> None:
    chance = random.Random(20261124)
    for _ in range(10_000):
        raw = broken(chance)
        try:
            items = [READER.read(n, each, None) for n, each in enumerate(split(raw, JSON))]
        except Refused as no:
            assert no.refusal.detail
            continue
        for item in items:
            assert item.data is None, raw[:200]
            assert item.errors and all(error.detail for error in item.errors), raw[:200]


def test_good_lines_between_broken_ones_count() -> None:
    chance = random.Random(7)
    lines, good = [], 0
    for _ in range(ITEMS):
        if chance.random() < 0.5:
            good += 1
            lines.append(json.dumps(GOOD).encode())
        else:
            lines.append(broken(chance).replace(b"\n", b" ").replace(b"\r", b" ") or b"{")
    body = b"\n".join(line if line.strip() else b"{" for line in lines)
    items = [READER.read(n, each, None) for n, each in enumerate(split(body, "application/jsonl"))]
    assert sum(item.data is not None for item in items) == good


def test_the_same_reading_has_the_same_id_and_another_one_has_not() -> None:
    first, again = READER.read(0, GOOD, None), READER.read(5, dict(GOOD), None)
    assert first.id == again.id
    later = READER.read(0, GOOD | {"observed_at": "2026-11-24T15:31:00+08:00"}, None)
    assert later.id != first.id
    assert READER.read(0, GOOD, "mine").id == "mine"


def test_a_unit_is_never_converted() -> None:
    item = READER.read(0, GOOD | {"unit": "mg/m3"}, None)
    assert [error.pointer for error in item.errors] == ["/unit"]


@pytest.mark.parametrize("value", [b"{}", b"", None, b"\xff", b"x" * 1_000_001])
def test_a_record_that_cannot_be_read_says_why(value: bytes | None) -> None:
    pairs = [
        ("ce_type", signal_type("burning", "thermal-camera").encode()),
        ("ce_source", b"cam-7"),
        ("ce_id", b"1"),
    ]
    with pytest.raises(Unreadable, match=r"."):
        SIGNALS.decode(pairs, value, NOW)


def test_a_strange_type_names_those_that_there_are() -> None:
    with pytest.raises(Unreadable, match="thermal-camera"):
        SIGNALS.decode([("ce_type", b"cn.tenlines.signal.burning.nonsense.v1")], b"{}", NOW)


def test_a_body_is_bounded() -> None:
    with pytest.raises(Refused, match=str(ITEMS)):
        split(b"{}\n" * (ITEMS + 1), "application/x-ndjson")
    with pytest.raises(Refused):
        split(b"[]", JSON)
    with pytest.raises(Refused):
        split(b"{}", "text/csv")


def test_an_item_may_name_its_own_trace_and_a_wrong_one_costs_nothing() -> None:
    own = Trace("a" * 32, "b" * 16, sampled=True, state="vendor=1")
    more: list[Mapping[str, object]] = [own.said(), {}, {"traceparent": 7, "tracestate": ["x"]}]
    traced, plain, wrong = (READER.read(n, {**GOOD, **said}, None) for n, said in enumerate(more))
    assert (traced.trace, plain.trace, wrong.trace) == (own, None, None)
    assert traced.data == plain.data == wrong.data and traced.data is not None
    assert traced.id == plain.id, "the same event, whoever traces it"
