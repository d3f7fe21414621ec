"""One trace from a device or a clerk to what everybody sees, over three processes and a restart."""

from __future__ import annotations

import asyncio
import json
import secrets
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from shared.adapters.kafka.producer import Producer
from shared.contract import envelope
from shared.contract.messages import Command
from shared.contract.topics import LineTopic, SharedTopic, line_topic, shared_topic
from shared.contract.trace import Trace, following, of_record
from shared.domain.actor import system
from shared.domain.entry import Kind
from tests.integration.kafka.helpers import read_topic
from tests.integration.tracing.conftest import NAMESPACE, Traced
from tests.waiting import until

DEVICE = {"X-Actor": "cam-gateway", "X-Role": "device"}
LEAD = {"X-Actor": "lead", "X-Role": "coordinator", "X-Unit": "ecology", "Prefer": "wait=20"}
SIGNAL, FINDING, COMMAND, PUBLISH, VISIBLE = (
    "burning: signal burning.thermal-camera",
    "burning: finding burning.fire",
    "burning: command register",
    "burning: publish burning",
    "gateway: visible burning",
)
Json = dict[str, Any]


def caller(sampled: bool = True) -> Trace:
    return Trace(secrets.token_hex(16), secrets.token_hex(8), sampled, "vendor=1")


def frame(device: str, lon: float) -> Json:
    now = datetime.now(UTC)
    return {
        "device_id": device, "observed_at": now.isoformat(), "score": 0.95,
        "lon": lon, "lat": 35.07,
    }  # fmt: skip


def report(title: str) -> Json:
    return {
        "line": "burning", "title": title, "severity": "general",
        "location": {"town": "370828001"},
    }  # fmt: skip


def spoken(traced: Traced, body: Json, trace: Trace | None, **headers: str) -> None:
    said = trace.said() if trace is not None else {}
    with httpx.Client(base_url=traced.world.address("burning"), timeout=20) as http:
        answer = http.post(
            "/v1/signals/thermal-camera", json=body, headers={**DEVICE, **said, **headers}
        )
    assert answer.status_code == 202, answer.text


def carried(traced: Traced, topic: str) -> list[Trace]:
    """What the records of a topic name."""
    records = asyncio.run(read_topic(traced.world.kafka_address, topic, committed=True))
    return [trace for record in records if (trace := of_record(record.headers)) is not None]


def carries(traced: Traced, trace: Trace, *topics: str) -> None:
    for topic in topics:
        found = [t for t in carried(traced, topic) if t.id == trace.id]
        assert found, f"{topic} carries it"
        assert {(t.state, t.sampled) for t in found} == {(trace.state, trace.sampled)}, topic


def test_from_a_signal_to_what_is_seen(traced: Traced) -> None:
    trace = caller()
    spoken(traced, frame("cam-1", 116.31), trace)
    request = "burning: POST /v1/signals/{code}"
    told = traced.told(trace.id, request, SIGNAL, FINDING, COMMAND, PUBLISH, VISIBLE)
    chain = [told[name] for name in (request, SIGNAL, FINDING, COMMAND, PUBLISH, VISIBLE)]
    parents = [trace.span, *(span.id for span in chain)]
    assert [span.parent for span in chain] == parents[:-1]
    assert {span.state for span in chain} == {trace.state}
    assert all(span.ended >= span.began for span in chain)
    assert told[FINDING].facts["outcome"] == "registered"
    entry = told[COMMAND].facts["entry"]
    assert entry == told[PUBLISH].facts["entry"] == told[VISIBLE].facts["entry"]
    assert told[VISIBLE].facts["version"] == 1
    carries(
        traced,
        trace,
        *(line_topic(NAMESPACE, "burning", kind) for kind in (
            LineTopic.SIGNALS, LineTopic.FINDINGS, LineTopic.LEDGER, LineTopic.HISTORY,
        )),
        shared_topic(NAMESPACE, SharedTopic.CHANGES),
    )  # fmt: skip


def test_items_of_one_request_go_their_own_ways(traced: Traced) -> None:
    request, own, event = caller(), caller(), caller()
    body = [frame("cam-2", 116.40), {**frame("cam-3", 116.22), **own.said()}]
    with httpx.Client(base_url=traced.world.address("burning"), timeout=20) as http:
        sent = http.post(
            "/v1/signals/thermal-camera", json=body, headers={**DEVICE, **request.said()}
        )
        assert sent.json()["accepted"] == 2
    spoken(traced, frame("cam-4", 116.50), request, **{"ce-traceparent": str(event)})
    first = traced.told(request.id, SIGNAL, FINDING, VISIBLE)
    second = traced.told(own.id, SIGNAL, FINDING, VISIBLE)
    third = traced.told(event.id, SIGNAL, FINDING, VISIBLE)
    entries = {told[VISIBLE].facts["entry"] for told in (first, second, third)}
    assert len(entries) == 3
    assert second[SIGNAL].parent == own.span and third[SIGNAL].parent == event.span


def test_from_a_clerk_over_the_gateway_to_what_is_seen(traced: Traced) -> None:
    trace = caller()
    with httpx.Client(base_url=traced.world.address("gateway"), timeout=30) as http:
        key = {**LEAD, "Idempotency-Key": "one-trace"}
        made = http.post("/v1/problems", json=report("露天焚烧"), headers={**key, **trace.said()})
        assert made.status_code == 201, made.text
        request = "gateway: POST /v1/problems"
        told = traced.told(trace.id, request, COMMAND, PUBLISH, VISIBLE)
        chain = [told[name] for name in (request, COMMAND, PUBLISH, VISIBLE)]
        assert [s.parent for s in chain] == [trace.span, *(s.id for s in chain[:-1])]
        assert told[request].facts == {"status": "201"}
        assert told[COMMAND].facts["outcome"] == "applied"

        # The same command under another trace is the same command: one answer, one version.
        other = caller()
        again = http.post("/v1/problems", json=report("露天焚烧"), headers={**key, **other.said()})
        assert (again.status_code, again.json()["id"]) == (201, made.json()["id"])
        history = http.get(f"/v1/problems/{made.json()['id']}/history").json()["items"]
        assert [change["version"] for change in history] == [1]
    assert set(traced.told(other.id, request)) == {request}, "nothing was done for it"
    line = (LineTopic.COMMANDS, LineTopic.LEDGER, LineTopic.HISTORY)
    carries(traced, trace, *(line_topic(NAMESPACE, "burning", kind) for kind in line))
    carries(traced, trace, shared_topic(NAMESPACE, SharedTopic.REPLIES))


def test_what_the_caller_does_not_tell_is_carried_and_not_told(traced: Traced) -> None:
    quiet = caller(sampled=False)
    with httpx.Client(base_url=traced.world.address("gateway"), timeout=30) as http:
        made = http.post("/v1/problems", json=report("不采样"), headers={**LEAD, **quiet.said()})
        assert made.status_code == 201
    loud = caller()
    with httpx.Client(base_url=traced.world.address("gateway"), timeout=30) as http:
        http.post("/v1/problems", json=report("采样"), headers={**LEAD, **loud.said()})
    traced.told(loud.id, VISIBLE)  # which came after it, the same ways
    assert not traced.collector.spans(quiet.id)
    line = (LineTopic.COMMANDS, LineTopic.LEDGER, LineTopic.HISTORY)
    carries(traced, quiet, *(line_topic(NAMESPACE, "burning", kind) for kind in line))


def test_where_no_trace_comes_one_begins(traced: Traced) -> None:
    def roots() -> set[str]:
        every = (s for s in traced.collector.spans() if s.name == "POST /v1/signals/{code}")
        return {span.trace for span in every if not span.parent}

    before = roots()
    spoken(traced, frame("cam-5", 116.27), None)
    (trace,) = until(lambda: roots() - before, 20, "a root")
    assert traced.told(trace, SIGNAL, FINDING, COMMAND, PUBLISH, VISIBLE)


@pytest.mark.timeout(240)
def test_it_waits_in_the_outbox_over_a_kill_and_an_absent_broker(traced: Traced) -> None:
    trace, world = caller(), traced.world
    world.kill("kafka")
    try:
        with httpx.Client(base_url=world.address("burning"), timeout=30) as http:
            body = {name: value for name, value in report("断网时").items() if name != "line"}
            made = http.post("/v1/problems", json=body, headers={**LEAD, **trace.said()})
            assert made.status_code == 201, made.text
        before = traced.told(trace.id, "burning: POST /v1/problems", COMMAND)
        assert PUBLISH not in before
        world.kill("burning")
    finally:
        world.restart("kafka")
        world.restart("burning")
    told = traced.told(trace.id, COMMAND, PUBLISH, VISIBLE)
    assert told[PUBLISH].parent == told[COMMAND].id and told[VISIBLE].parent == told[PUBLISH].id
    assert told[PUBLISH].began < told[COMMAND].ended < told[PUBLISH].ended, "it shows the waiting"
    carries(traced, trace, line_topic(NAMESPACE, "burning", LineTopic.LEDGER))


def test_log_lines_are_found_by_trace_entry_and_command(traced: Traced) -> None:
    """A command that nobody waits for and that is refused is logged by the line, far from HTTP."""
    trace = caller()
    topic = line_topic(NAMESPACE, "burning", LineTopic.COMMANDS)
    asyncio.run(_refused_for_ever(traced, topic, trace))

    def lines() -> list[Json]:
        every = (json.loads(x) for x in traced.logs()["burning"].splitlines() if x[:1] == "{")
        return [line for line in every if line.get("trace") == trace.id]

    found = until(lambda: [line for line in lines() if "refused" in line["message"]], 20)
    assert found[0]["line"] == "burning" and found[0]["service"] == "burning"
    assert (found[0]["entry"], found[0]["command"]) == ("nowhere", "cmd-1")


async def _refused_for_ever(traced: Traced, topic: str, trace: Trace) -> None:
    now = datetime.now(UTC)
    command = Command(
        id="cmd-1", kind=Kind.PROBLEM, entry="nowhere", name="observe", actor=system("rules"),
        issued_at=now, reply=False,
    )  # fmt: skip
    producer = Producer(traced.world.kafka_address, "test")
    try:
        with following(trace):
            described = envelope.headers(
                envelope.COMMAND, "burning", command.id, now, command.entry
            )
        await producer.send(topic, command.entry, envelope.encode(command), described)
    finally:
        await producer.stop()
