"""The dashboards ask for metrics that exist, by labels that these have, and are found by Grafana."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from deploy.grafana.build import DASHBOARDS, FOLDER, PACK, text
from deploy.grafana.queries import Query, queries
from deploy.grafana.words import words
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
    added = {"job", "instance", "service", "namespace"}
    found = {
        "up": added,
        "ALERTS": {"alertname", "alertstate", "severity"},
        # The Prometheus client's own, of every Linux process.
        "process_resident_memory_bytes": added,
        "process_cpu_seconds_total": added,
    }
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


def panels() -> Iterator[dict[str, Any]]:
    for dashboard in dashboards().values():
        yield from (panel for panel in dashboard["panels"] if panel["type"] != "row")


@pytest.mark.parametrize("query", list(queries()), ids=str)
def test_every_expression_names_what_exists(query: Query) -> None:
    assert named(query.expr).metrics, "an expression without a metric shows nothing"
    assert unknown(query.expr) == []


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
    for name in DASHBOARDS:
        written = (FOLDER / name).read_text(encoding="utf-8")
        assert written == text(name), "run `python -m deploy.grafana.build`"


def test_another_county_and_address_build_their_own() -> None:
    made = text("county.json", PACK, "https://air.example.cn")
    assert "https://air.example.cn" in made and "http://127.0.0.1:8000" not in made


def test_panels_do_not_overlap() -> None:
    for dashboard in dashboards().values():
        taken: set[tuple[int, int]] = set()
        for panel in dashboard["panels"]:
            grid = panel["gridPos"]
            cells = {
                (grid.get("x", 0) + x, grid["y"] + y)
                for x in range(grid["w"])
                for y in range(grid["h"])
            }
            assert not cells & taken and max(x for x, _ in cells) < 24, panel["title"]
            taken |= cells
        ids = [panel["id"] for panel in dashboard["panels"]]
        assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("panel", list(panels()), ids=lambda panel: panel["title"])
def test_each_panel_says_what_it_shows(panel: dict[str, Any]) -> None:
    assert any("\u4e00" <= letter <= "\u9fff" for letter in panel["title"])
    zh, _, en = panel["description"].partition(" / ")
    assert zh and en.isascii() is not None and len(en) > 8, "Chinese / English"
    defaults = panel["fieldConfig"]["defaults"]
    assert defaults["unit"] and defaults["noValue"]
    if panel["type"] in ("stat", "bargauge"):
        steps = defaults["thresholds"]["steps"]
        assert steps[0]["value"] is None, "the first colour holds from below"
        values = [step["value"] for step in steps[1:]]
        assert values == sorted(values)


def test_links_lead_to_dashboards_that_exist_and_to_lists_of_the_gateway() -> None:
    uids = {dashboard["uid"] for dashboard in dashboards().values()}
    assert uids == {"tenlines-county", "tenlines-line", "tenlines-town", "tenlines-flow"}
    found = list(_links(list(panels())))
    assert len(found) > 10
    for url in found:
        if url.startswith("/d/"):
            assert url.split("/")[2].split("?")[0] in uids, url
        else:
            assert url.startswith("${gateway}/v1/problems?"), url


def _links(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("url"), str):
            yield node["url"]
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from _links(each)


def test_variables_offer_every_line_and_town_by_name() -> None:
    known = words(PACK)
    for name, variable, offered in (
        ("line.json", "line", known.lines),
        ("town.json", "town", known.towns),
    ):
        (found,) = [v for v in dashboards()[name]["templating"]["list"] if v["name"] == variable]
        assert {o["value"]: o["text"] for o in found["options"]} == offered
        assert len(offered) >= 11


def test_every_panel_reads_the_provisioned_data_source() -> None:
    (source,) = yaml.safe_load((_PROVISIONING / "datasources/prometheus.yml").read_text())[
        "datasources"
    ]
    wanted = {"type": source["type"], "uid": source["uid"]}
    for panel in panels():
        assert panel["datasource"] == wanted
        assert all(target["datasource"] == wanted for target in panel["targets"])


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
