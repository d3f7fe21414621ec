"""Alertmanager and the store of traces: their files are right, and nothing else needs them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import yaml

from deploy.launcher.debian import own_suite, unpack
from deploy.launcher.fetch import cached, silent
from deploy.launcher.places import ROOT, cache_folder
from tests.unit.deploy.compose import read
from tests.unit.deploy.test_alerts import alerts

ALERTMANAGER = ROOT / "deploy/alertmanager/alertmanager.yml"


def _amtool() -> Path:
    def fetch(folder: Path) -> None:
        way_out = "Run the tests on Debian."
        unpack(folder, own_suite() or "", ["prometheus-alertmanager"], "Alertmanager", way_out)

    return cached(cache_folder() / "alertmanager", fetch, "", silent) / "usr/bin/amtool"


def _run(*words: str | Path) -> str:
    done = subprocess.run([_amtool(), *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_configuration_is_one_and_pages_go_to_whoever_is_on_duty() -> None:
    _run("check-config", ALERTMANAGER)
    for alert in alerts():
        severity = alert["labels"]["severity"]
        labels = (f"severity={severity}", f"alertname={alert['alert']}")
        found = _run("config", "routes", "test", f"--config.file={ALERTMANAGER}", *labels)
        assert found.strip() == {"page": "on-duty", "ticket": "office"}[severity], alert["alert"]


def test_what_is_written_as_an_example_is_right_too(tmp_path: Path) -> None:
    text = ALERTMANAGER.read_text(encoding="utf-8")
    head, tail = text.split("  - name: on-duty\n")
    filled = tmp_path / "alertmanager.yml"
    filled.write_text(head + "  - name: on-duty\n" + tail.replace("  #  ", "   "), encoding="utf-8")
    assert "email_configs" in yaml.safe_load(filled.read_text())["receivers"][0]
    _run("check-config", filled)


def test_it_silences_only_alerts_that_exist() -> None:
    names = {alert["alert"] for alert in alerts()}
    for rule in yaml.safe_load(ALERTMANAGER.read_text(encoding="utf-8"))["inhibit_rules"]:
        for matcher in (*rule["source_matchers"], *rule["target_matchers"]):
            assert set(matcher.split('"')[1].split("|")) <= names


def test_prometheus_finds_it_where_it_listens_and_lives_without_it() -> None:
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    (found,) = config["alerting"]["alertmanagers"]
    (by_name,) = found["dns_sd_configs"]
    assert by_name["names"] == ["alertmanager"] and by_name["type"] == "A"
    compose = read()
    (published,) = compose["services"]["alertmanager"]["ports"]
    assert published.endswith(f":{by_name['port']}")
    targets = str(config["scrape_configs"])
    assert "alertmanager" not in targets and "jaeger" not in targets, (
        "a target that is not there is down"
    )


def test_traces_arrive_where_the_services_send_them_and_are_looked_at_where_it_is_published() -> (
    None
):
    config: dict[str, Any] = yaml.safe_load((ROOT / "deploy/jaeger/config.yaml").read_text())
    service = read({"TENLINES_TRACES": "http://jaeger:4318"})["services"]
    assert service["dust"]["environment"]["TENLINES_TRACES"].endswith(
        config["receivers"]["otlp"]["protocols"]["http"]["endpoint"].partition(":")[2]
    )
    query = config["extensions"]["jaeger_query"]
    assert service["jaeger"]["ports"] == [
        f"127.0.0.1:{query['http']['endpoint'].partition(':')[2]}:16686"
    ]
    probe = " ".join(service["jaeger"]["healthcheck"]["test"])
    assert config["extensions"]["healthcheckv2"]["http"]["endpoint"].partition(":")[2] in probe
    assert set(config["service"]["extensions"]) == set(config["extensions"])
    (store,) = config["extensions"]["jaeger_storage"]["backends"]
    assert query["storage"]["traces"] == store
    assert config["exporters"]["jaeger_storage_exporter"]["trace_storage"] == store
    (volume,) = [v for v in service["jaeger"]["volumes"] if not v.startswith(".")]
    folders = config["extensions"]["jaeger_storage"]["backends"][store]["badger"]["directories"]
    assert all(folder.startswith(volume.partition(":")[2] + "/") for folder in folders.values())
