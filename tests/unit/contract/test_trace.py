"""The W3C trace context: what is understood, what is passed over, and what is said again."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract.envelope import headers
from shared.contract.messages import Command
from shared.contract.trace import (
    STATE_MOST,
    Trace,
    current,
    following,
    of_record,
    of_request,
    rather_told,
    untold,
)
from shared.domain.actor import system
from shared.domain.entry import Kind

ID, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{ID}-{SPAN}-01"
NOW = datetime(2026, 11, 28, tzinfo=UTC)

ids = st.integers(1, 2**128 - 1).map(lambda n: f"{n:032x}")
spans = st.integers(1, 2**64 - 1).map(lambda n: f"{n:016x}")
keys = st.from_regex(r"[a-z][a-z0-9_*/-]{0,20}", fullmatch=True)
values = st.from_regex(r"[!-+\--<>-~]{1,30}", fullmatch=True)
states = st.dictionaries(keys, values, max_size=8).map(
    lambda them: ",".join(f"{key}={value}" for key, value in them.items())
)
traces = st.builds(Trace, ids, spans, st.booleans(), states)


@given(traces)
def test_what_is_said_is_understood(trace: Trace) -> None:
    assert Trace.heard(trace.said()) == trace
    with following(trace):
        pairs = headers("t", "s", "i", NOW, "p")
    assert of_record(pairs) == trace
    http = [(name.encode(), value.encode()) for name, value in trace.said().items()]
    assert of_request(http) == trace


@given(st.text(max_size=80))
def test_rubbish_is_none(said: str) -> None:
    trace = Trace.read(said)
    assert trace is None or said.startswith(f"{said[:2]}-{trace.id}-{trace.span}")


@given(traces, st.text(max_size=600))
def test_a_wrong_state_never_takes_the_parent_with_it(trace: Trace, state: str) -> None:
    read = Trace.read(str(trace), state)
    assert read is not None and (read.id, read.span) == (trace.id, trace.span)
    assert read.state.isascii() and len(read.state) <= STATE_MOST


@pytest.mark.parametrize(
    "said",
    [
        "",
        PARENT.upper(),
        PARENT + "\n",
        f"ff-{ID}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{ID}-{'0' * 16}-01",
        f"00-{ID}-{SPAN}-01-more",
        f"00-{ID}-{SPAN}-1",
        f"01-{ID}-{SPAN}-01more",
    ],
)
def test_what_the_standard_passes_over(said: str) -> None:
    assert Trace.read(said) is None


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    assert Trace.read(f"01-{ID}-{SPAN}-03-more") == Trace(ID, SPAN, sampled=True)
    assert Trace.read(f"00-{ID}-{SPAN}-02") == Trace(ID, SPAN, sampled=False)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("a=1,b=2", "a=1,b=2"),
        ("a=1 , b=2,,", "a=1,b=2"),
        ("tenant@vendor=1", "tenant@vendor=1"),
        ("a=1,a=2", ""),
        ("A=1", ""),
        ("a=张", ""),
        ("a=" + "x" * 300, ""),
        (",".join(f"k{n}=1" for n in range(33)), ""),
        (",".join(f"k{n}={'x' * 200}" for n in range(3)), ""),
    ],
)
def test_the_state_is_handed_on_or_left_out(said: str, kept: str) -> None:
    assert Trace.read(PARENT, said) == Trace(ID, SPAN, sampled=True, state=kept)


def test_the_events_own_trace_comes_before_its_transports() -> None:
    own, other = Trace(ID, SPAN, True, "a=1"), untold()
    transport = [("traceparent", str(other).encode()), ("tracestate", b"b=2")]
    event = [("ce_traceparent", PARENT.encode()), ("ce_tracestate", b"a=1")]
    assert of_record([*transport, *event]) == own
    found = of_record(transport)
    assert found is not None and (found.id, found.state) == (other.id, "b=2")
    assert of_record([("ce_traceparent", b"nothing"), *transport]) == found
    assert of_record([("ce_id", b"1")]) is None


def test_two_parents_in_a_request_are_none_and_a_state_may_come_in_parts() -> None:
    parent = (b"traceparent", PARENT.encode())
    assert of_request([parent, parent]) is None
    parts = [parent, (b"tracestate", b"a=1"), (b"tracestate", b"b=2")]
    assert of_request(parts) == Trace(ID, SPAN, True, "a=1,b=2")
    assert of_request([(b"ce-traceparent", PARENT.encode())], "ce-") == Trace(ID, SPAN, True)


def test_without_a_trace_a_record_names_none() -> None:
    assert not [name for name, _ in headers("t", "s", "i", NOW, "p") if "trace" in name]


def test_a_block_follows_and_then_what_was_before() -> None:
    first, second = untold(), untold()
    with following(first):
        with pytest.raises(ValueError), following(second):
            raise ValueError
        assert current() == first
        with following(None):
            assert current() is None
    assert current() is None
    assert first.id != second.id and not first.sampled


def test_what_two_ask_for_is_told_under_the_one_that_is_told() -> None:
    quiet, told = untold(), Trace(ID, SPAN, sampled=True)
    later = Trace(untold().id, SPAN, sampled=True)
    assert rather_told(quiet, told) == told
    assert rather_told(told, later) == told
    assert rather_told(quiet, untold()) == quiet
    assert rather_told(None, quiet) == quiet
    assert rather_told(told, None) == told


@given(traces)
def test_no_trace_is_part_of_what_a_command_means(trace: Trace) -> None:
    command = Command(
        id="c", kind=Kind.PROBLEM, entry="p", name="assign", actor=system("x"), issued_at=NOW
    )
    with following(trace):
        digest = command.digest()
    assert digest == command.digest()
    assert trace.id not in command.model_dump_json()
