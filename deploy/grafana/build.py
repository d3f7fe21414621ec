"""Writes the dashboards' JSON anew: `python -m deploy.grafana.build`. A test holds them equal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deploy.grafana.overview import overview

FOLDER = Path(__file__).with_name("dashboards")
DASHBOARDS: Mapping[str, Callable[[], dict[str, Any]]] = {"overview.json": overview}


def text(dashboard: dict[str, Any]) -> str:
    """As it stands in the file: readable, and the same for the same dashboard."""
    return json.dumps(dashboard, ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    for name, make in DASHBOARDS.items():
        (FOLDER / name).write_text(text(make()), encoding="utf-8")


if __name__ == "__main__":
    main()
