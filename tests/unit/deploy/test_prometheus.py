"""Prometheus scrapes every process of ours, by the name and port that it has in compose."""

from __future__ import annotations

from typing import Any

import yaml

from deploy.launcher.places import ROOT
from deploy.launcher.processes import DEFAULT_PORTS, SERVICES
from tests.unit.deploy.compose import read


def _config() -> dict[str, Any]:
    text = (ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8")
    config: dict[str, Any] = yaml.safe_load(text)
    return config


def _job(name: str) -> dict[str, Any]:
    (job,) = [job for job in _config()["scrape_configs"] if job["job_name"] == name]
    found: dict[str, Any] = job
    return found


def test_every_process_is_scraped_once() -> None:
    (group,) = _job("tenlines")["static_configs"]
    assert sorted(group["targets"]) == sorted(f"{name}:{DEFAULT_PORTS[name]}" for name in SERVICES)


def test_a_target_listens_where_it_is_scraped() -> None:
    services = read()["services"]
    (group,) = _job("tenlines")["static_configs"]
    for target in group["targets"]:
        name, _, port = target.partition(":")
        assert services[name]["environment"]["TENLINES_PORT"] == port


def test_the_label_service_is_the_name_of_the_process() -> None:
    (rule,) = _job("tenlines")["relabel_configs"]
    assert rule == {
        "source_labels": ["__address__"],
        "regex": "([^:]+):.*",
        "target_label": "service",
    }


def test_it_reads_this_file_and_grafana_reads_it() -> None:
    services = read()["services"]
    mounts = dict(volume.split(":")[:2] for volume in services["prometheus"]["volumes"])
    said = f"--config.file={mounts['./deploy/prometheus']}/prometheus.yml"
    assert said in services["prometheus"]["command"]
    source = yaml.safe_load(
        (ROOT / "deploy/grafana/provisioning/datasources/prometheus.yml").read_text()
    )["datasources"][0]
    assert source["url"] == "http://prometheus:9090"
    # Otherwise Grafana asks for steps without a scrape in them, and lines have holes.
    assert source["jsonData"]["timeInterval"] == _config()["global"]["scrape_interval"]
