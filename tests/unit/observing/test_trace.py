"""Trace context: read as the standard says, written beside messages, never in them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.contract.envelope import COMMAND, attribute, headers
from shared.contract.trace import Trace, current, following, of_record
from shared.runtime import tracing
from tests.contract.samples import applied, problem

PARENT = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", sampled=True)
SAID = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)

hexes = st.integers(1, 2**64 - 1)
traces = st.builds(
    lambda a, b, c, s: Trace(f"{a:016x}{b:016x}", f"{c:016x}", s), hexes, hexes, hexes,
    st.booleans(),
)  # fmt: skip


@given(traces)
def test_what_is_written_can_be_read(trace: Trace) -> None:
    assert Trace.read(str(trace)) == trace


def test_the_standard_s_own_example() -> None:
    assert Trace.read(SAID) == PARENT and str(PARENT) == SAID


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (None, None),
        ("", None),
        ("rubbish", None),
        (SAID.upper(), None),
        ("ff" + SAID[2:], None),
        ("00-" + "0" * 32 + SAID[35:], None),
        (SAID[:36] + "0" * 16 + "-01", None),
        (SAID + "-more", None),
        # A version to come may say more, and is read as far as it is known.
        ("01" + SAID[2:] + "-more", PARENT),
        (SAID[:-2] + "03", PARENT),
    ],
)
def test_what_is_none_is_passed_over(said: str | None, wanted: Trace | None) -> None:
    assert Trace.read(said) == wanted


@given(st.text())
def test_no_text_is_too_strange(said: str) -> None:
    Trace.read(said)


def test_a_record_carries_it_as_an_extension_and_gives_it_back() -> None:
    assert attribute(headers(COMMAND, "a", "1", NOON, "p1"), "traceparent") is None
    with following(PARENT):
        written = headers(COMMAND, "a", "1", NOON, "p1")
    assert attribute(written, "traceparent") == SAID
    assert of_record(written) == PARENT
    assert of_record([("traceparent", SAID.encode())]) == PARENT
    assert of_record([("ce_traceparent", b"\xff\xfe")]) is None


async def test_side_by_side_each_follows_its_own() -> None:
    other = Trace("a" * 32, "b" * 16, sampled=False)

    async def told(trace: Trace) -> Trace | None:
        with following(trace):
            await asyncio.sleep(0)
            return current()

    assert await asyncio.gather(told(PARENT), told(other)) == [PARENT, other]
    assert current() is None


def test_a_decision_remembers_what_it_was_made_for() -> None:
    with following(PARENT):
        outgoing = applied(problem("p1"))
    assert outgoing.trace == PARENT
    assert applied(problem("p1")).trace is None
    assert outgoing.answer == applied(problem("p1")).answer, "the answer says nothing of it"


class Collected:
    """Spans told, from one process."""

    def __init__(self, share: float = 1.0) -> None:
        self.exporter = InMemorySpanExporter()
        self._end = tracing.start_tracing("dust", "0", "", share, self.exporter)

    def __enter__(self) -> Collected:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def spans(self) -> dict[str, Any]:
        self._end()
        return {span.name: span for span in self.exporter.get_finished_spans()}


def test_without_a_collector_a_trace_is_passed_on_and_nothing_made() -> None:
    with following(PARENT), tracing.span("command assign") as told:
        assert told.trace == PARENT == current()
    with tracing.span("command assign") as told:
        assert told.trace is None and current() is None


def test_spans_are_children_of_what_they_are_told_for() -> None:
    with Collected() as collected:
        with tracing.span("finding r", PARENT, "consumer", line="dust") as told:
            told.say(outcome="joined")
            with tracing.span("command register"):
                assert current() != PARENT
        begun = tracing.begin("publish dust", PARENT, "producer", NOON)
        begun.end()
        spans = collected.spans()
    finding, command = spans["finding r"], spans["command register"]
    assert f"{finding.context.trace_id:032x}" == PARENT.id
    assert f"{finding.parent.span_id:016x}" == PARENT.span
    assert command.parent.span_id == finding.context.span_id
    assert finding.attributes["tenlines.outcome"] == "joined"
    assert spans["publish dust"].start_time == int(NOON.timestamp()) * 10**9
    assert finding.resource.attributes["service.name"] == "dust"


def test_a_sender_s_decision_is_followed() -> None:
    unsampled = Trace(PARENT.id, PARENT.span, sampled=False)
    with Collected() as collected:
        with tracing.span("x", unsampled) as told:
            assert told.trace == unsampled
        assert collected.spans() == {}


def test_of_what_begins_here_a_share_is_told() -> None:
    with Collected(share=0.0) as collected:
        with tracing.span("x") as told:
            assert told.trace is None
        assert collected.spans() == {}


def test_an_error_is_told_by_its_kind_alone() -> None:
    with Collected() as collected:
        with pytest.raises(ValueError), tracing.span("x"):
            raise ValueError("王大锤 13800000000")
        span = collected.spans()["x"]
    assert span.status.description == "ValueError"
    assert "13800000000" not in span.to_json()


def test_a_collector_that_hangs_costs_spans_and_no_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import threading
    import time

    class Hangs(InMemorySpanExporter):
        def export(self, spans: Any) -> SpanExportResult:
            free.wait(30)
            return SpanExportResult.SUCCESS

    free = threading.Event()
    end = tracing.start_tracing("dust", "0", "", 1.0, Hangs())
    try:
        began = time.monotonic()
        for _ in range(5000):  # more than twice what the queue holds
            with tracing.span("x"):
                pass
        assert time.monotonic() - began < 10, "thirty seconds is what one export hangs"
    finally:
        free.set()
        end()
