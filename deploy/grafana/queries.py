"""The queries of the dashboards as Grafana would send them: variables filled in, ranges chosen.

For tests, and for `python -m deploy.grafana.check`, which asks a running Prometheus each of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.grafana.panels import NO_VALUE

FOLDER = Path(__file__).with_name("dashboards")
_LABEL = re.compile(r"\{\{\s*(\w+)\s*\}\}")
RATE_SECONDS = 60
"""Grafana takes four scrape intervals for `$__rate_interval`: of the shipped 15 s."""


@dataclass(frozen=True)
class Query:
    dashboard: str
    panel: str
    ref: str
    expr: str
    labels: frozenset[str]
    """Labels that legend, grouping or joining name: a series without them has no name."""
    calm: str = ""
    """What the panel says instead where nothing is a good answer (没有逾期); else it is a fault."""

    def __str__(self) -> str:
        return f"{self.dashboard} · {self.panel} · {self.ref}"


def queries(
    variables: Mapping[str, str] | None = None, rate_seconds: float = RATE_SECONDS
) -> Iterator[Query]:
    """All of them, in the order of the screen. `variables` are set in place of what each dashboard
    chooses first."""
    for file in sorted(FOLDER.glob("*.json")):
        dashboard = json.loads(file.read_text(encoding="utf-8"))
        chosen = {**_first(dashboard), **(variables or {})}
        for panel in dashboard["panels"]:
            for target in panel.get("targets", ()):
                yield Query(
                    dashboard["title"],
                    panel["title"],
                    target["refId"],
                    _filled(target["expr"], chosen, rate_seconds),
                    _named(panel, target),
                    _calm(panel),
                )


def _first(dashboard: Mapping[str, Any]) -> dict[str, str]:
    return {
        variable["name"]: variable["current"]["value"]
        for variable in dashboard.get("templating", {}).get("list", ())
        if variable["type"] == "custom"
    }


def _filled(expr: str, variables: Mapping[str, str], rate_seconds: float) -> str:
    filled = expr.replace("$__rate_interval", f"{rate_seconds:g}s")
    for name, value in variables.items():
        filled = re.sub(rf"\$\{{{name}\}}|\${name}\b", value, filled)
    assert "$" not in filled, f"a variable that nobody sets: {filled}"
    return filled


def _calm(panel: Mapping[str, Any]) -> str:
    said = panel["fieldConfig"]["defaults"].get("noValue", NO_VALUE)
    return "" if said == NO_VALUE else str(said)


def _named(panel: Mapping[str, Any], target: Mapping[str, Any]) -> frozenset[str]:
    labels = set(_LABEL.findall(target.get("legendFormat", "")))
    for transformation in panel.get("transformations", ()):
        options = transformation.get("options", {})
        labels |= {
            options[name] for name in ("rowField", "columnField", "byField") if name in options
        }
    return frozenset(labels)
