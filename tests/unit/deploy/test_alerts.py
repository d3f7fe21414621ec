"""The alert rules: promtool's tests, metrics that exist, a runbook each, read by Prometheus."""

import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.launcher.places import ROOT
from deploy.launcher.processes import SERVICES
from deploy.lines import line_of
from shared.declaration.county.keys import LINE_KEYS
from tests.prometheus import binary
from tests.unit.deploy.test_dashboards import unknown

RULES = ROOT / "deploy/prometheus/alerts.yml"
TESTS = Path(__file__).with_name("alerts.yml")
SECTIONS = ("## 含义", "## 怎样看", "## 怎样做", "## 不要做")


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def _promtool(*words: str | Path) -> None:
    done = subprocess.run([binary("promtool"), *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_fires_when_it_should_and_is_quiet_when_it_should(tmp_path: Path) -> None:
    told = tmp_path / "alerts.yml"
    told.write_text(TESTS.read_text(encoding="utf-8").replace("RULES", str(RULES)))
    _promtool("test", "rules", told)


def test_every_alert_is_tested_both_ways() -> None:
    tested: dict[str, set[bool]] = {}
    for group in yaml.safe_load(TESTS.read_text(encoding="utf-8"))["tests"]:
        for case in group["alert_rule_test"]:
            tested.setdefault(case["alertname"], set()).add(bool(case.get("exp_alerts")))
    assert set(tested) == {alert["alert"] for alert in alerts()}
    # Quiet also means: the series beside the one that fires are expected not to.
    assert all(True in ways for ways in tested.values())


def test_the_shipped_configuration_is_right_and_reads_the_rules() -> None:
    _promtool("check", "config", ROOT / "deploy/prometheus/prometheus.yml")


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_it_names_metrics_that_exist_and_a_page_that_helps(alert: dict[str, Any]) -> None:
    assert unknown(alert["expr"]) == []
    assert alert["labels"]["severity"] in {"page", "ticket"}
    page = (ROOT / alert["annotations"]["runbook"]).read_text(encoding="utf-8")
    assert alert["alert"] in page.splitlines()[0]
    places = [page.index(section) for section in SECTIONS]
    assert places == sorted(places)


def test_there_is_no_page_without_an_alert() -> None:
    pages = {file.stem for file in (ROOT / "docs/runbooks").glob("*.md")}
    assert pages == {alert["alert"] for alert in alerts()}


def test_a_silent_fleet_is_one_that_would_speak_every_hour() -> None:
    (rule,) = [each for each in alerts() if each["alert"] == "SensorFleetSilent"]
    (named,) = re.findall(r'line=~"([^"]+)"', rule["expr"])
    hourly = {
        key
        for key in LINE_KEYS
        for signal in line_of(key).signals
        if signal.silent_after is not None and signal.silent_after <= timedelta(hours=2)
    }
    # The stations' hours have a rule of their own for silence.
    assert set(named.split("|")) == hourly | {"hotspot"}


def test_it_knows_how_many_services_there_are() -> None:
    (rule,) = [each for each in alerts() if each["alert"] == "ServiceMissing"]
    assert rule["expr"].endswith(f" < {len(SERVICES)}")
