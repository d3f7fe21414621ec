"""The counts beside the lines: the gateway's, or none."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from deploy.launcher.counts import problem_counts
from deploy.launcher.ports import free_ports

_LINES = {
    "items": [
        {"key": "dust", "counts": {"registered": 2, "closed": 10}, "open": 2, "overdue": 1},
        {"key": "coal", "counts": {"registered": 0, "closed": 4}, "open": 0, "overdue": 0},
        {"key": "young"},
    ]
}


class _Gateway(BaseHTTPRequestHandler):
    status, body = 200, b""

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/v1/lines" else 404)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), _Gateway)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_counts_are_said_in_words(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Gateway, "body", json.dumps(_LINES).encode())
    assert problem_counts("127.0.0.1", port) == {
        "dust": "2 open of 12, 1 overdue",
        "coal": "0 open of 4",
        "young": "0 open of 0",
    }


@pytest.mark.parametrize(("status", "body"), [(503, b"{}"), (200, b"not JSON"), (200, b"[1]")])
def test_a_gateway_that_cannot_say_is_no_trouble(
    port: int, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes
) -> None:
    monkeypatch.setattr(_Gateway, "status", status)
    monkeypatch.setattr(_Gateway, "body", body)
    assert problem_counts("127.0.0.1", port) == {}


def test_without_a_gateway_there_are_no_counts() -> None:
    (port,) = free_ports(1)
    assert problem_counts("127.0.0.1", port) == {}
