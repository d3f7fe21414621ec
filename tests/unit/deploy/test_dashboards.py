"""The dashboards ask for metrics that exist, by labels that these have, and are found by Grafana."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from deploy.grafana.build import DASHBOARDS, FOLDER, text
from deploy.grafana.panels import SOURCE
from deploy.launcher.places import ROOT
from shared.runtime import metrics  # noqa: F401  # what it declares is the catalogue
from shared.runtime.measuring import CATALOGUE
from tests.unit.deploy.compose import read
from tests.unit.deploy.promql import Named, named

_SAMPLES = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_sum", "_count"),
}
_PROVISIONING = ROOT / "deploy/grafana/provisioning"


def catalogue() -> dict[str, set[str]]:
    """Series name → its labels: all that our processes expose, and what Prometheus adds itself."""
    added = {"job", "instance", "service"}
    found = {"up": added}
    for metric in CATALOGUE:
        for suffix in _SAMPLES[metric.kind]:
            own = {"le"} if suffix == "_bucket" else set()
            name = metric.name.removesuffix("_total") + suffix
            found[name] = added | own | set(metric.labels)
    return found


def unknown(expr: str) -> list[str]:
    """What `expr` names that no process of ours has; empty when all is well."""
    there = catalogue()
    what = named(expr)
    if missing := what.metrics - set(there):
        return sorted(missing)
    labels = set.union(set(), *(there[name] for name in what.metrics))
    return sorted(what.labels - labels)


def dashboards() -> dict[str, dict[str, Any]]:
    return {
        file.name: json.loads(file.read_text(encoding="utf-8")) for file in FOLDER.glob("*.json")
    }


def expressions() -> Iterator[tuple[str, str]]:
    for name, dashboard in dashboards().items():
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                yield f"{name}: {panel['title']}", target["expr"]


@pytest.mark.parametrize(("where", "expr"), list(expressions()))
def test_every_expression_names_what_exists(where: str, expr: str) -> None:
    assert named(expr).metrics, "an expression without a metric shows nothing"
    assert unknown(expr) == []


@pytest.mark.parametrize(
    ("expr", "what"),
    [
        ("sum(rate(tenlines_http_request_total[5m]))", "tenlines_http_request_total"),
        ("max by (line) (tenlines_problem)", "tenlines_problem"),
        ("max by (rule) (tenlines_problems)", "rule"),
        ('tenlines_problems{state="closed"}', "state"),
        ("up == 1 and tenlines_nothing", "tenlines_nothing"),
        ("tenlines_http_requests", "tenlines_http_requests"),
    ],
)
def test_a_wrong_name_is_noticed(expr: str, what: str) -> None:
    assert unknown(expr) == [what]


def test_expressions_are_read() -> None:
    expr = (
        'histogram_quantile(0.95, sum by (le, route) (rate(a_bucket{service=~"$service"}[5m]))) '
        "/ on (line) group_left() b_total > 1.5e3"
    )
    assert named(expr) == Named(
        frozenset({"a_bucket", "b_total"}), frozenset({"le", "route", "service", "line"})
    )


def test_the_files_are_what_the_code_writes() -> None:
    assert set(dashboards()) == set(DASHBOARDS)
    for name, make in DASHBOARDS.items():
        written = (FOLDER / name).read_text(encoding="utf-8")
        assert written == text(make()), "run `python -m deploy.grafana.build`"


def test_panels_are_titled_in_chinese_and_do_not_overlap() -> None:
    for dashboard in dashboards().values():
        taken: set[tuple[int, int]] = set()
        for panel in dashboard["panels"]:
            assert any("\u4e00" <= letter <= "\u9fff" for letter in panel["title"])
            grid = panel["gridPos"]
            cells = {
                (grid["x"] + x, grid["y"] + y) for x in range(grid["w"]) for y in range(grid["h"])
            }
            assert not cells & taken and max(x for x, _ in cells) < 24, panel["title"]
            taken |= cells
        ids = [panel["id"] for panel in dashboard["panels"]]
        assert len(set(ids)) == len(ids)


def test_every_panel_reads_the_provisioned_data_source() -> None:
    (source,) = yaml.safe_load((_PROVISIONING / "datasources/prometheus.yml").read_text())[
        "datasources"
    ]
    assert (source["type"], source["uid"]) == (SOURCE["type"], SOURCE["uid"])
    for dashboard in dashboards().values():
        for panel in dashboard["panels"]:
            assert panel["datasource"] == SOURCE
            assert all(target["datasource"] == SOURCE for target in panel["targets"])


def test_grafana_finds_the_data_source_and_the_dashboards() -> None:
    grafana = read()["services"]["grafana"]
    mounts = dict(volume.split(":")[:2] for volume in grafana["volumes"])
    assert mounts["./deploy/grafana/provisioning"] == "/etc/grafana/provisioning"
    inside = mounts["./deploy/grafana/dashboards"]
    (provider,) = yaml.safe_load((_PROVISIONING / "dashboards/tenlines.yml").read_text())[
        "providers"
    ]
    assert provider["options"]["path"] == inside
    home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home.rpartition("/")[0] == inside and (FOLDER / home.rpartition("/")[2]).is_file()
