"""Spans: what took how long because of what, told to a collector where a setting names one.

Without the setting nothing is made and OpenTelemetry is not even loaded; a trace that somebody else
began is passed on all the same. With it, spans go out in the background from a bounded queue: a
collector that hangs or is away costs spans, never time.
"""

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

from shared.contract.trace import Trace, current, following

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

log = logging.getLogger(__name__)
Kind = Literal["server", "consumer", "producer", "internal"]


class Span(Protocol):
    """Something that was begun. `trace` is what its consequences belong to."""

    trace: Trace | None

    def say(self, name: str | None = None, **facts: str | int) -> None:
        """Another name, or more facts: codes and ids, never names of people or what they wrote."""
        ...

    def end(self, error: BaseException | None = None) -> None: ...


class Tracer(Protocol):
    def begin(
        self,
        name: str,
        parent: Trace | None,
        kind: Kind,
        since: datetime | None,
        facts: dict[str, str | int],
    ) -> Span: ...


class _Passed:
    """No span; the trace of the parent goes on."""

    __slots__ = ("trace",)

    def __init__(self, trace: Trace | None) -> None:
        self.trace = trace

    def say(self, name: str | None = None, **facts: str | int) -> None: ...

    def end(self, error: BaseException | None = None) -> None: ...


_tracer: Tracer | None = None
_share = 0.0


def begin(
    name: str,
    parent: Trace | None,
    kind: Kind = "internal",
    since: datetime | None = None,
    rarity: float = 1.0,
    **facts: str | int,
) -> Span:
    """For what does not begin and end in one block. `since` (UTC) where it began before now;
    `rarity` is the part of the share that is drawn of what comes by the thousands."""
    if _tracer is None or (parent is None and random.random() >= _share * rarity):
        return _Passed(parent)
    if parent is not None and not parent.sampled:
        return _Passed(parent)
    return _tracer.begin(name, parent, kind, since, facts)


@contextmanager
def span(
    name: str, parent: Trace | None = None, kind: Kind = "internal", **facts: str | int
) -> Iterator[Span]:
    """The block as a span of `parent`, or of what is current where there is none."""
    begun = begin(name, parent or current(), kind, None, 1.0, **facts)
    with following(begun.trace):
        try:
            yield begun
        except BaseException as error:
            begun.end(error)
            raise
        begun.end()


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
