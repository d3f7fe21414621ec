"""Spans: off by default, told to a collector by setting, and never in anybody's way."""

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from shared.contract.trace import Trace, current, following, untold
from shared.runtime import tracing
from shared.runtime.settings import Settings
from shared.runtime.tracing import begin, ending, span, start_tracing
from tests.fakes.collector import Collector, Seen, collecting
from tests.waiting import until

CALLER = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", sampled=True, state="a=1")


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as found:
        yield found


@pytest.fixture
def on(collector: Collector) -> Iterator[Collector]:
    end = start_tracing("dust", "0", collector.url, share=1.0)
    try:
        yield collector
    finally:
        end()


def arrived(collector: Collector, number: int) -> list[Seen]:
    return until(lambda: spans if len(spans := collector.spans()) >= number else [])


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("tenlines_spans_total", {"outcome": outcome}) or 0.0


def test_off_is_the_default_and_loads_nothing() -> None:
    assert Settings().traces == ""
    code = (
        "import sys; import shared.runtime.line.run, services.gateway.__main__;"
        "from shared.runtime.tracing import start_tracing; start_tracing('x', '0', '', 1.0);"
        "print([n for n in sys.modules if n.startswith(('opentelemetry.sdk', 'opentelemetry.exp'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_off_a_trace_goes_on_and_one_begins_all_the_same() -> None:
    assert tracing._tracer is None
    with span("x", CALLER) as passed:
        assert passed.trace == CALLER == current()
    with span("y") as begun:
        assert current() == begun.trace and not begun.trace.sampled
        with span("z") as inner:
            assert inner.trace == begun.trace
    assert current() is None


def test_a_span_is_a_child_of_what_came_and_the_next_is_its_child(on: Collector) -> None:
    with span("outer", CALLER, "server", line="dust") as outer, span("inner") as inner:
        inner.say("renamed", outcome="applied", version=3)
    told = arrived(on, 2)
    first, second = told
    assert first.trace == second.trace == CALLER.id
    assert (first.name, first.parent, first.facts) == ("outer", CALLER.span, {"line": "dust"})
    assert (second.name, second.parent) == ("renamed", outer.trace.span)
    assert outer.trace.span == first.id
    assert second.facts == {"outcome": "applied", "version": 3}
    assert {each.state for each in told} == {"a=1"} and {each.service for each in told} == {"dust"}
    assert outer.trace.state == "a=1", "handed on"


def test_what_its_sender_does_not_tell_is_not_told(on: Collector) -> None:
    quiet = untold()
    with span("quiet", quiet) as passed, span("inner"):
        assert passed.trace == quiet
    with span("loud"):
        pass
    assert [each.name for each in arrived(on, 1)] == ["loud"]


def test_a_share_of_what_begins_here_is_told_whole_or_not_at_all(collector: Collector) -> None:
    end = start_tracing("dust", "0", collector.url, share=0.3)
    for _ in range(600):
        with span("root"), span("child"):
            pass
    end()
    names = [each.name for each in collector.spans()]
    assert names.count("root") == names.count("child")
    assert 100 < names.count("root") < 270


def test_an_error_is_told_by_its_kind_alone(on: Collector) -> None:
    with pytest.raises(ValueError), span("fails"):
        raise ValueError("王秀兰 13812345678")
    with pytest.raises(KeyError), ending(begin("one", None), begin("two", None)):
        raise KeyError("王秀兰")
    assert [each.failed for each in arrived(on, 3)] == [True] * 3
    assert "王秀兰".encode() not in b"".join(on.raw) and b"138123" not in b"".join(on.raw)


def test_what_waited_began_before_now(on: Collector) -> None:
    begin("waited", None, waited=timedelta(seconds=90)).end()
    begin("a clock that was turned back", None, waited=timedelta(seconds=-90)).end()
    told = {each.name: each for each in arrived(on, 2)}
    assert 90e9 <= told["waited"].ended - told["waited"].began < 95e9
    other = told["a clock that was turned back"]
    assert 0 <= other.ended - other.began < 5e9


def test_nothing_that_follows_none_is_kept() -> None:
    with following(CALLER), span("x", None) as passed:
        assert passed.trace == CALLER, "what is current, where no parent is said"


def test_lost_spans_are_counted_and_told_once(
    collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    collector.status = 400  # which is not tried again
    caplog.set_level(logging.INFO)
    before = counted("lost"), counted("sent")
    end = start_tracing("dust", "0", collector.url, share=1.0)
    with span("lost"):
        pass
    until(lambda: counted("lost") == before[0] + 1)
    with span("lost"):
        pass
    until(lambda: counted("lost") == before[0] + 2)
    collector.status = 200
    with span("sent"):
        pass
    until(lambda: counted("sent") == before[1] + 1)
    end()
    said = [r.getMessage() for r in caplog.records if r.name == "shared.runtime.otel"]
    assert said == [
        "the collector does not take spans; they are lost until it does",
        "the collector takes spans again",
    ]


@pytest.mark.parametrize("trouble", ["hangs", "refuses", "away"])
def test_a_collector_in_trouble_holds_up_nobody(trouble: str) -> None:
    with ExitStack() as stack:
        collector = stack.enter_context(collecting())
        collector.hangs, collector.status = trouble == "hangs", 503
        url = "http://127.0.0.1:9" if trouble == "away" else collector.url
        end = start_tracing("dust", "0", url, share=1.0)
        begun = time.perf_counter()
        for _ in range(3000):  # more than the queue holds
            with span("x"):
                pass
        took, begun = time.perf_counter() - begun, time.perf_counter()
        end()
        assert time.perf_counter() - begun < 3.5, "its end is bounded"
        assert took < 3.0, f"{took:.2f} s for 3,000 spans"
