"""Spans: what took how long because of what, told to a collector where a setting names one.

Without the setting OpenTelemetry is not even loaded. A trace begins or goes on all the same, since
log lines are found by it; it is told to nobody. With it, spans go out in the background from a
bounded queue: a collector that hangs or is away costs spans, never time.

Whether a trace is told is decided once, where it begins, and travels with it: all hops or none.
"""

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, Protocol

from shared.contract.trace import Trace, current, following, untold

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

log = logging.getLogger(__name__)
Kind = Literal["server", "consumer", "producer", "internal"]
Facts = dict[str, str | int]


class Span(Protocol):
    """Something that was begun. `trace` is what its consequences belong to."""

    trace: Trace

    def say(self, name: str | None = None, **facts: str | int) -> None:
        """Another name, one of a bounded set, or more facts; what is no id or code is left out."""
        ...

    def end(self, error: BaseException | None = None) -> None: ...


class Tracer(Protocol):
    def begin(
        self, name: str, parent: Trace | None, kind: Kind, waited: timedelta | None, facts: Facts
    ) -> Span: ...


class _Untold:
    """No span; the trace goes on."""

    __slots__ = ("trace",)

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    def say(self, name: str | None = None, **facts: str | int) -> None: ...

    def end(self, error: BaseException | None = None) -> None: ...


_tracer: Tracer | None = None
_share = 0.0


def begin(
    name: str,
    parent: Trace | None,
    kind: Kind = "internal",
    waited: timedelta | None = None,
    **facts: str | int,
) -> Span:
    """For what does not begin and end in one block. `waited`: so long ago it began."""
    if parent is None:
        if _tracer is None or random.random() >= _share:
            return _Untold(untold())
    elif _tracer is None or not parent.sampled:
        return _Untold(parent)
    return _tracer.begin(name, parent, kind, waited, facts)


@contextmanager
def span(
    name: str, parent: Trace | None = None, kind: Kind = "internal", **facts: str | int
) -> Iterator[Span]:
    """The block as a span of `parent`, or of what is current where there is none."""
    begun = begin(name, parent or current(), kind, None, **facts)
    with following(begun.trace):
        try:
            yield begun
        except BaseException as error:
            begun.end(error)
            raise
        begun.end()


@contextmanager
def ending(*spans: Span) -> Iterator[None]:
    """What the block does is the end of them all, well or not."""
    try:
        yield
    except BaseException as error:
        for each in spans:
            each.end(error)
        raise
    for each in spans:
        each.end()


def start_tracing(
    service: str,
    replica: str,
    collector: str,
    share: float,
    exporter: "SpanExporter | None" = None,
) -> Callable[[], None]:
    """Tell spans to `collector` (OTLP over HTTP, `http://HOST:4318`) from now on; empty: none.

    `share` of what begins here is told; what comes with a trace follows its sender's decision.
    Returns what ends it: what waits is sent, for two seconds at most.
    """
    global _tracer, _share
    if not collector and exporter is None:
        return lambda: None
    from shared.runtime.otel import OtelTracer

    tracer = OtelTracer(service, replica, collector, exporter)
    _tracer, _share = tracer, share
    log.info("spans go to the collector", extra={"share": share})

    def end() -> None:
        global _tracer
        _tracer = None
        tracer.close()

    return end
