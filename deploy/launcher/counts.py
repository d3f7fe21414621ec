"""How many problems each line has, as the gateway says it; nothing where it does not answer."""

from __future__ import annotations

import http.client
import json
from typing import Any

_PATIENCE_SECONDS = 5.0


def problem_counts(host: str, port: int) -> dict[str, str]:
    """By line key: `3 open of 12, 1 overdue`. Empty when the gateway cannot be asked."""
    connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("GET", "/v1/lines")
        answer = connection.getresponse()
        body = json.loads(answer.read()) if answer.status == 200 else {}
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    items = body.get("items", []) if isinstance(body, dict) else body
    return {item["key"]: _words(item) for item in items if isinstance(item, dict)}


def _words(item: dict[str, Any]) -> str:
    counts = item.get("counts")
    total = sum(counts.values()) if isinstance(counts, dict) else 0
    words = [f"{item.get('open', 0)} open of {total}"]
    if item.get("overdue"):
        words.append(f"{item['overdue']} overdue")
    return ", ".join(words)
