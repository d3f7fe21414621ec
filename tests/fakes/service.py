"""A service that does nothing but what the launcher asks of one: it starts fast and answers.

Like a real one it reads TENLINES_PORT, is alive before it is ready, and ends on SIGTERM.
`POST /crash` ends it with exit code 3, as an exception would.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = int(os.environ["TENLINES_PORT"])
READY_AFTER_ASKED = 2


class Handler(BaseHTTPRequestHandler):
    """Says 503 to the first questions whether it is ready."""

    asked = 0

    def do_GET(self) -> None:
        """`/healthz`, `/readyz`, and `/environment`: what the launcher gave it."""
        Handler.asked += self.path == "/readyz"
        unready = self.path == "/readyz" and Handler.asked <= READY_AFTER_ASKED
        mine = {key: value for key, value in os.environ.items() if key.startswith("TENLINES_")}
        body = json.dumps(mine).encode()
        self.send_response(503 if unready else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """`/crash`"""
        print("ValueError: the coal line lost its thread", file=sys.stderr, flush=True)
        os._exit(3)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the questions whether it is ready are not worth a log."""


print(f"listening on {PORT}, thread {threading.get_native_id()}", flush=True)
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
