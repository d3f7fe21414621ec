"""How many problems each line has, as the gateway says it; nothing where it does not answer."""

from __future__ import annotations

import http.client
import json
from typing import Any

_PATIENCE_SECONDS = 5.0


def problem_counts(host: str, port: int) -> dict[str, str]:
    """By line key: `3 open of 12, 1 overdue`. Empty when the gateway cannot be asked."""
    return {item["key"]: _words(item) for item in _lines(host, port)}


def open_and_all(host: str, port: int) -> tuple[int, int] | None:
    """How many problems are open, and how many there are. None when the gateway cannot be asked."""
    items = _lines(host, port)
    if not items:
        return None
    return sum(item.get("open", 0) for item in items), sum(_total(item) for item in items)


def _lines(host: str, port: int) -> list[dict[str, Any]]:
    connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("GET", "/v1/lines")
        answer = connection.getresponse()
        body = json.loads(answer.read()) if answer.status == 200 else {}
    except (OSError, http.client.HTTPException, ValueError):
        return []
    finally:
        connection.close()
    items = body.get("items", []) if isinstance(body, dict) else body
    return [item for item in items if isinstance(item, dict)]


def _total(item: dict[str, Any]) -> int:
    counts = item.get("counts")
    return sum(counts.values()) if isinstance(counts, dict) else 0


def _words(item: dict[str, Any]) -> str:
    words = [f"{item.get('open', 0)} open of {_total(item)}"]
    if item.get("overdue"):
        words.append(f"{item['overdue']} overdue")
    return ", ".join(words)
