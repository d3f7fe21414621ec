"""/v1/signals: for senders without Kafka. What is accepted lies in the topic, handled by nobody yet."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.producer import Producer
from shared.application.signals.events import Signals, encode_signal, signal_headers
from shared.contract.topics import LineTopic, line_topic
from shared.contract.trace import Trace, current, following, of_request
from shared.declaration.line import Line
from shared.declaration.signal import Signal, signal_type
from shared.domain.actor import Role
from shared.domain.identity import derived
from shared.domain.moments import Clock
from shared.domain.refusal import FieldError, refuse
from shared.runtime.http.body import body_bytes
from shared.runtime.http.entries import NoQuery
from shared.runtime.http.headers import acting
from shared.runtime.http.openapi import refusals
from shared.runtime.http.paging import json_response
from shared.runtime.http.signal_items import BODY_BYTES, Item, ItemReader, split


@dataclass(frozen=True)
class SignalDesk:
    """What a line needs to take signals over HTTP."""

    line: Line
    signals: Signals
    producer: Producer
    namespace: str
    clock: Clock


def signals_router(desk: SignalDesk) -> APIRouter:
    router = APIRouter(tags=["signals"])

    @router.get("/v1/signals", summary="信号种类 Kinds of signals")
    async def list_signals(_: NoQuery) -> Response:
        return json_response({"items": [_kind(desk.line.key, s) for s in desk.line.signals]})

    @router.get("/v1/signals/{code}/schema", summary="信号的 JSON Schema", responses=refusals(404))
    async def get_schema(code: str, _: NoQuery) -> Response:
        signal = _known(desk.line, code)
        return json_response(signal_schema(desk.line.key, signal))

    @router.post(
        "/v1/signals/{code}",
        summary="上传信号 Send signals: one, a list, or NDJSON",
        status_code=202,
        responses=refusals(400, 403, 404, 413, 415, 422, 503),
    )
    async def post_signals(code: str, request: Request, _: NoQuery) -> Response:
        if acting(request).role is Role.VIEWER:
            raise refuse("role-not-allowed", "只读角色不能上传信号;设备请用 X-Role: device")
        signal = _known(desk.line, code)
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        raw = split(await body_bytes(request, BODY_BYTES), media_type)
        reader = ItemReader(desk.signals, signal, desk.clock)
        ids = _ids(request, len(raw))
        event = of_request(request.scope["headers"], "ce-") or current()
        items = [reader.read(index, each, ids[index]) for index, each in enumerate(raw)]
        # Raises Unavailable when the broker is away: then nothing counts as accepted, and the same
        # ids make a second try harmless.
        await desk.producer.send_all(
            [_outbound(desk, signal, item, item.trace or event) for item in items if item.data]
        )
        return _answer(items)

    return router


def _known(line: Line, code: str) -> Signal:
    signal = line.signal(code)
    if signal is None:
        known = "、".join(each.code for each in line.signals) or "(无)"
        raise refuse("not-found", f"本线没有信号“{code[:40]}”,可用:{known}")
    return signal


def _kind(line: str, signal: Signal) -> dict[str, Any]:
    silent = signal.silent_after
    return {
        "code": signal.code,
        "zh": signal.zh,
        "en": signal.en,
        "type": signal_type(line, signal.code),
        "schema": f"/v1/signals/{signal.code}/schema",
        "expected_every_seconds": silent.total_seconds() if silent else None,
    }


def signal_schema(line: str, signal: Signal) -> dict[str, Any]:
    """JSON Schema 2020-12 of one kind of signal, units beside the values."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{signal_type(line, signal.code).replace('.', ':')}",
        **signal.model.model_json_schema(),
        "title": f"{signal.zh} {signal.en}",
    }


def _ids(request: Request, count: int) -> list[str | None]:
    """The sender's ids: `ce-id` for one event, or the idempotency key and the position."""
    event, key = request.headers.get("ce-id"), request.headers.get("idempotency-key")
    if event and count == 1:
        return [event[:200]]
    if key:
        return [derived("signal-key", key[:200], str(index)) for index in range(count)]
    return [None] * count


def _outbound(desk: SignalDesk, signal: Signal, item: Item, trace: Trace | None) -> Outbound:
    """`trace`: the item's own, else the event's (`ce-traceparent`), else the request's."""
    assert item.data is not None and item.id is not None
    with following(trace):
        described = signal_headers(desk.line.key, signal.code, item.data, item.id)
    return Outbound(
        line_topic(desk.namespace, desk.line.key, LineTopic.SIGNALS),
        item.data.device_id.encode(),
        encode_signal(item.data),
        described,
    )


def _answer(items: list[Item]) -> Response:
    told = [
        {"index": item.index, "id": item.id, "status": "accepted"}
        if item.data
        else {
            "index": item.index,
            "id": None,
            "status": "refused",
            "errors": [error.model_dump() for error in item.errors],
        }
        for item in items
    ]
    accepted = sum(item.data is not None for item in items)
    counts = {"accepted": accepted, "refused": len(items) - accepted, "items": told}
    if accepted:
        return json_response(counts, 202)
    errors = [
        FieldError(pointer=f"/{item.index}{error.pointer}", detail=error.detail)
        for item in items[:50]
        for error in item.errors
    ]
    said = "；".join(f"{e.pointer}:{e.detail}" for e in errors[:5])
    raise refuse("invalid-field", said, *errors, **counts)
