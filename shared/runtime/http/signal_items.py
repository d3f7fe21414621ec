"""A body with signals: one object, a list, or NDJSON. One bad item never stops the others."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import ValidationError

from shared.application.signals.events import Signals
from shared.contract.envelope import MAX_BYTES
from shared.contract.trace import PARENT, STATE, Trace
from shared.declaration.signal import Signal, SignalData
from shared.domain.identity import derived
from shared.domain.moments import Clock
from shared.domain.refusal import FieldError, refuse
from shared.domain.validation import field_errors

ITEMS = 1_000
"""Signals in one request."""
BODY_BYTES = 4 * 1024 * 1024
NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")


@dataclass(frozen=True)
class Item:
    """One signal of a body: its data, or what is wrong with it."""

    index: int
    id: str | None
    data: SignalData | None
    errors: tuple[FieldError, ...] = ()
    trace: Trace | None = None
    """The one that the item names itself, beside its data."""


def split(raw: bytes, media_type: str) -> list[bytes | Any]:
    """The items of a body, NDJSON lines still unread. Refuses a body that has none or too many."""
    if media_type in NDJSON:
        items: list[bytes | Any] = [line for line in raw.splitlines() if line.strip()]
    elif media_type == "application/json":
        items = _json_items(raw)
    else:
        raise refuse(
            "unsupported-media-type",
            "请用 application/json(一条或一个列表)或 application/x-ndjson(每行一条)提交",
        )
    if not items:
        raise refuse("malformed", "请求体里没有信号 / no signal in the body")
    if len(items) > ITEMS:
        raise refuse("too-large", f"一次最多 {ITEMS} 条信号,收到 {len(items)} 条;请分批提交")
    return items


def _json_items(raw: bytes) -> list[Any]:
    try:
        value = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant)
    except RecursionError:
        raise refuse("malformed", "JSON 嵌套过深 / nested too deeply") from None
    except ValueError as error:
        raise refuse("malformed", f"请求体不是合格的 JSON:{error}") from None
    return value if isinstance(value, list) else [value]


class ItemReader:
    """Reads the items of one kind of signal."""

    def __init__(self, signals: Signals, signal: Signal, clock: Clock) -> None:
        self._signals = signals
        self._signal = signal
        self._clock = clock

    def read(self, index: int, raw: bytes | Any, id_: str | None) -> Item:
        """`id_` is the event's id where the sender gave one. Without it the same device, time and
        averaging period is the same event, however often it is sent."""
        try:
            value = _loads(raw) if isinstance(raw, bytes) else raw
            if not isinstance(value, Mapping):
                return _wrong(index, "", "每条信号须是一个对象 {…} / an object is needed")
            if strange := self._other_unit(value):
                return Item(index, None, None, strange)
            trace, value = _traced(value)
            data = self._signal.model.model_validate(value)
            size = len(orjson.dumps(data.model_dump(mode="json")))
        except ValidationError as error:
            return Item(index, None, None, field_errors(error))
        except (ValueError, TypeError, RecursionError) as error:
            return _wrong(index, "", f"不是合格的 JSON:{str(error)[:200]}")
        if size > MAX_BYTES:
            return _wrong(index, "", f"一条信号最大 {MAX_BYTES} 字节")
        if ahead := self._signals.too_early(data, self._clock.now()):
            return _wrong(index, "/observed_at", ahead.partition(":")[2])
        return Item(index, id_ or self._derived(data), data, trace=trace)

    def _derived(self, data: SignalData) -> str:
        said = (self._signal.code, data.device_id, data.observed_at.isoformat(), data.avg_period)
        position = (str(data.lon), str(data.lat))
        return derived("signal", *said, *position)

    def _other_unit(self, value: Mapping[str, Any]) -> tuple[FieldError, ...]:
        """A unit that is written beside a value and is not the model's."""
        if "unit" not in value and "units" not in value:
            return ()
        named = {
            name: (field.json_schema_extra or {}).get("unit")
            for name, field in self._signal.model.model_fields.items()
            if isinstance(field.json_schema_extra, dict) or field.json_schema_extra is None
        }
        right = "、".join(f"{name}({unit})" for name, unit in named.items() if unit)
        pointer = "/unit" if "unit" in value else "/units"
        return (FieldError(pointer=pointer, detail=f"单位是固定的,不必填写也不换算:{right}"),)


def _traced(value: Mapping[str, Any]) -> tuple[Trace | None, Mapping[str, Any]]:
    """The item's own trace context, and the item without it."""
    if PARENT not in value and STATE not in value:
        return None, value
    said = {name: word for name in (PARENT, STATE) if isinstance(word := value.get(name), str)}
    return Trace.heard(said), {k: v for k, v in value.items() if k not in (PARENT, STATE)}


def _loads(raw: bytes) -> Any:
    return json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant)


def _no_constant(word: str) -> Any:
    raise ValueError(f"数值不能是 {word}")


def _wrong(index: int, pointer: str, detail: str) -> Item:
    return Item(index, None, None, (FieldError(pointer=pointer, detail=detail),))
