"""Grafana's panels, as few kinds as the dashboards need. Everything is plain JSON data."""

from __future__ import annotations

from typing import Any

Panel = dict[str, Any]
SOURCE = {"type": "prometheus", "uid": "prometheus"}
"""The uid stands in provisioning/datasources."""
_WIDTH = 24


def _panel(kind: str, title: str, why: str, size: tuple[int, int], unit: str) -> Panel:
    width, height = size
    return {
        "type": kind,
        "title": title,
        "description": why,
        "datasource": SOURCE,
        "gridPos": {"w": width, "h": height},
        "fieldConfig": {"defaults": {"unit": unit, "noValue": "无数据"}, "overrides": []},
        "options": {},
        "targets": [],
    }


def _target(place: int, expr: str, legend: str, *, now: bool) -> dict[str, Any]:
    """A query; `now` asks for the present value only, as a table."""
    return {
        "refId": chr(ord("A") + place),
        "datasource": SOURCE,
        "expr": expr,
        "legendFormat": legend,
        **({"instant": True, "range": False, "format": "table"} if now else {}),
    }


def series(
    title: str,
    why: str,
    queries: dict[str, str],
    size: tuple[int, int] = (12, 9),
    unit: str = "short",
) -> Panel:
    """Lines over time. `queries`: legend → expression."""
    panel = _panel("timeseries", title, why, size, unit)
    panel["targets"] = [
        _target(place, expr, legend, now=False)
        for place, (legend, expr) in enumerate(queries.items())
    ]
    panel["fieldConfig"]["defaults"] |= {"min": 0, "custom": {"fillOpacity": 10}}
    panel["options"] = {
        "legend": {"displayMode": "table", "placement": "right", "calcs": ["lastNotNull", "max"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return panel


def lights(title: str, why: str, legend: str, expr: str, size: tuple[int, int] = (24, 5)) -> Panel:
    """One light a series: green where the value is 1, red where it is 0."""
    panel = _panel("stat", title, why, size, "short")
    panel["targets"] = [_target(0, expr, legend, now=False)]
    states = {
        "0": {"text": "离线", "color": "red", "index": 0},
        "1": {"text": "在线", "color": "green", "index": 1},
    }
    panel["fieldConfig"]["defaults"]["mappings"] = [{"type": "value", "options": states}]
    panel["options"] = {
        "colorMode": "background",
        "graphMode": "none",
        "textMode": "value_and_name",
        "reduceOptions": {"calcs": ["lastNotNull"]},
    }
    return panel


def bars(title: str, why: str, legend: str, expr: str, size: tuple[int, int] = (12, 9)) -> Panel:
    """One bar a series with its present value; anything above zero is orange."""
    panel = _panel("bargauge", title, why, size, "short")
    panel["targets"] = [_target(0, expr, legend, now=False)]
    panel["fieldConfig"]["defaults"] |= {
        "min": 0,
        "thresholds": {
            "mode": "absolute",
            "steps": [{"color": "green", "value": None}, {"color": "orange", "value": 1}],
        },
    }
    panel["options"] = {
        "orientation": "horizontal",
        "displayMode": "basic",
        "reduceOptions": {"calcs": ["lastNotNull"]},
    }
    return panel


def matrix(
    title: str, why: str, row: str, column: str, expr: str, size: tuple[int, int] = (12, 9)
) -> Panel:
    """The present values as a table: label `row` down, label `column` across."""
    panel = _panel("table", title, why, size, "short")
    panel["targets"] = [_target(0, expr, "", now=True)]
    panel["transformations"] = [
        {
            "id": "groupingToMatrix",
            "options": {
                "rowField": row,
                "columnField": column,
                "valueField": "Value",
                "emptyValue": "zero",
            },
        }
    ]
    return panel


def choice(name: str, title: str, values: str) -> dict[str, Any]:
    """A variable above the dashboard: several or all of what the query `values` gives."""
    return {
        "type": "query",
        "name": name,
        "label": title,
        "datasource": SOURCE,
        "query": {"qryType": 1, "query": values, "refId": "choice"},
        "definition": values,
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def placed(panels: list[Panel]) -> list[Panel]:
    """The panels with ids and places: left to right, a new row where the width is used up."""
    x = y = row_height = 0
    for number, panel in enumerate(panels, start=1):
        grid = panel["gridPos"]
        if x + grid["w"] > _WIDTH:
            x, y, row_height = 0, y + row_height, 0
        grid |= {"x": x, "y": y}
        x, row_height = x + grid["w"], max(row_height, grid["h"])
        panel["id"] = number
    return panels
