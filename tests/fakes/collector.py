"""A collector of spans on this machine: OTLP over HTTP, as an OpenTelemetry collector takes it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True)
class Seen:
    """One span as it came in. Times are nanoseconds since 1970."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    """Empty where it has none."""
    state: str
    facts: dict[str, str | int]
    began: int
    ended: int
    failed: bool


@dataclass
class Collector:
    url: str = ""
    status: int = 200
    hangs: bool = False
    raw: list[bytes] = field(default_factory=list)
    open: threading.Event = field(default_factory=threading.Event)
    """Set at the end: what hangs may go."""

    def spans(self, trace: str | None = None) -> list[Seen]:
        """Those of one trace, or all, by their beginning."""
        found = [span for body in list(self.raw) for span in _spans(body)]
        return sorted((s for s in found if trace in (None, s.trace)), key=lambda s: s.began)


def _spans(body: bytes) -> Iterator[Seen]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        about = {each.key: each.value.string_value for each in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Seen(
                    service=about["service.name"],
                    name=span.name,
                    trace=span.trace_id.hex(),
                    id=span.span_id.hex(),
                    parent=span.parent_span_id.hex(),
                    state=span.trace_state,
                    facts={
                        each.key.removeprefix("tenlines."): each.value.int_value
                        if each.value.HasField("int_value")
                        else each.value.string_value
                        for each in span.attributes
                    },
                    began=span.start_time_unix_nano,
                    ended=span.end_time_unix_nano,
                    failed=span.status.code == span.status.STATUS_CODE_ERROR,
                )


@contextmanager
def collecting(port: int = 0) -> Iterator[Collector]:
    """A collector that takes all until the block ends."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if collector.hangs:
                collector.open.wait(60)
                return
            if collector.status == 200 and self.path == "/v1/traces":
                collector.raw.append(body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(collector.status)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    collector.url = f"http://127.0.0.1:{server.server_port}"
    serving = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    serving.start()
    try:
        yield collector
    finally:
        collector.open.set()
        server.shutdown()
        server.server_close()


def serve(port: int) -> None:
    """For a process of its own: take spans and forget them, until killed."""
    with collecting(port) as collector:
        while True:
            time.sleep(1)
            collector.raw.clear()
