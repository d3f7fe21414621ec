"""OpenTelemetry behind our own few words for it. Only loaded where spans are told."""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import timedelta

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace import Span as Told
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    TraceState,
    set_span_in_context,
)

from shared.contract.trace import Trace
from shared.runtime import metrics
from shared.runtime.discretion import codes
from shared.runtime.tracing import Facts, Kind

log = logging.getLogger(__name__)
QUEUE_MOST = 2048
"""Spans that wait; of more the oldest are dropped."""
EXPORT_SECONDS = 5.0
CLOSE_SECONDS = 2.0
_KINDS = {
    "server": SpanKind.SERVER,
    "consumer": SpanKind.CONSUMER,
    "producer": SpanKind.PRODUCER,
    "internal": SpanKind.INTERNAL,
}
_NAMESPACE = "tenlines."
_TOLD = TraceFlags(TraceFlags.SAMPLED)


class OtelTracer:
    """Implements Tracer. Whether to tell was decided before it is asked."""

    def __init__(
        self, service: str, replica: str, collector: str, exporter: SpanExporter | None
    ) -> None:
        resource = Resource.create(
            {
                "service.name": service,
                "service.namespace": "tenlines",
                "service.instance.id": replica,
            }
        )
        self._provider = TracerProvider(
            sampler=ALWAYS_ON, resource=resource, shutdown_on_exit=False
        )
        out = exporter or OTLPSpanExporter(
            f"{collector.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(_Counted(out), max_queue_size=QUEUE_MOST, schedule_delay_millis=1000)
        )
        self._tracer = self._provider.get_tracer("tenlines")
        # It writes several lines a second about a collector that is away; `_Counted` writes one.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)

    def begin(
        self, name: str, parent: Trace | None, kind: Kind, waited: timedelta | None, facts: Facts
    ) -> "OtelSpan":
        context = None
        if parent is not None:
            state = TraceState.from_header([parent.state]) if parent.state else None
            remote = SpanContext(int(parent.id, 16), int(parent.span, 16), True, _TOLD, state)
            context = set_span_in_context(NonRecordingSpan(remote))
        begun = self._tracer.start_span(
            name,
            context=context,
            kind=_KINDS[kind],
            attributes={_NAMESPACE + key: value for key, value in codes(facts).items()},
            # By the clock that the spans' ends are taken from, whichever the service goes by.
            start_time=time.time_ns() - _nanoseconds(waited) if waited else None,
        )
        assert isinstance(begun, Told), "the sampler takes all"
        return OtelSpan(begun, parent.state if parent is not None else "")

    def close(self) -> None:
        """Send what waits. The SDK itself would wait for half a minute for a collector that hangs;
        its threads do not hold the process."""
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)


class OtelSpan:
    """Implements Span."""

    __slots__ = ("_told", "trace")

    def __init__(self, told: Told, state: str) -> None:
        self._told = told
        context = told.get_span_context()
        assert context is not None
        self.trace = Trace(f"{context.trace_id:032x}", f"{context.span_id:016x}", True, state)

    def say(self, name: str | None = None, **facts: str | int) -> None:
        if name is not None:
            self._told.update_name(name)
        for key, value in codes(facts).items():
            self._told.set_attribute(_NAMESPACE + key, value)

    def end(self, error: BaseException | None = None) -> None:
        if error is not None:
            # The kind alone: what an exception says may hold what a person wrote.
            self._told.set_status(StatusCode.ERROR, type(error).__name__)
        self._told.end()


class _Counted(SpanExporter):
    """Counts what the collector took and what was lost, and says in the log when that turns."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner
        self._lost = False
        for outcome in ("sent", "lost"):
            metrics.SPANS.labels(outcome)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._inner.export(spans)
        lost = result is not SpanExportResult.SUCCESS
        metrics.SPANS.labels("lost" if lost else "sent").inc(len(spans))
        if lost and not self._lost:
            log.warning("the collector does not take spans; they are lost until it does")
        elif self._lost and not lost:
            log.info("the collector takes spans again")
        self._lost = lost
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()


def _nanoseconds(span: timedelta) -> int:
    return max(0, span // timedelta(microseconds=1) * 1000)
