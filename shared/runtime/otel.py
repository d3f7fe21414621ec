"""OpenTelemetry behind our own few words for it. Only loaded where spans are told."""

from datetime import UTC, datetime

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.trace import Span as Told

from shared.contract.trace import Trace
from shared.runtime.tracing import Kind

QUEUE_MOST = 2048
"""Spans that wait; further ones are dropped."""
EXPORT_SECONDS = 5.0
CLOSE_MS = 2000
_KINDS = {
    "server": SpanKind.SERVER,
    "consumer": SpanKind.CONSUMER,
    "producer": SpanKind.PRODUCER,
    "internal": SpanKind.INTERNAL,
}
_NAMESPACE = "tenlines."


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
        self._processor = BatchSpanProcessor(
            exporter
            or OTLPSpanExporter(f"{collector.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS),
            max_queue_size=QUEUE_MOST,
            schedule_delay_millis=1000,
            export_timeout_millis=EXPORT_SECONDS * 1000,
        )
        self._provider.add_span_processor(self._processor)
        self._tracer = self._provider.get_tracer("tenlines")

    def begin(
        self,
        name: str,
        parent: Trace | None,
        kind: Kind,
        since: datetime | None,
        facts: dict[str, str | int],
    ) -> "OtelSpan":
        context = None
        if parent is not None:
            remote = SpanContext(
                int(parent.id, 16), int(parent.span, 16), True, TraceFlags(TraceFlags.SAMPLED)
            )
            context = set_span_in_context(NonRecordingSpan(remote))
        begun = self._tracer.start_span(
            name,
            context=context,
            kind=_KINDS[kind],
            attributes={_NAMESPACE + key: value for key, value in facts.items()},
            start_time=_nanoseconds(since),
        )
        return OtelSpan(begun)

    def close(self) -> None:
        self._processor.force_flush(CLOSE_MS)
        self._provider.shutdown()


class OtelSpan:
    """Implements Span."""

    def __init__(self, told: Told) -> None:
        self._told = told
        context = told.get_span_context()
        self.trace: Trace | None = Trace(
            f"{context.trace_id:032x}", f"{context.span_id:016x}", sampled=True
        )

    def say(self, name: str | None = None, **facts: str | int) -> None:
        if name is not None:
            self._told.update_name(name)
        for key, value in facts.items():
            self._told.set_attribute(_NAMESPACE + key, value)

    def end(self, error: BaseException | None = None) -> None:
        if error is not None:
            # The kind alone: what an exception says may hold what a person wrote.
            self._told.set_status(StatusCode.ERROR, type(error).__name__)
        self._told.end()


def _nanoseconds(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000
