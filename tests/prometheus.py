"""Debian's Prometheus, unpacked beside the other engines, with the configuration that we ship."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import yaml

from deploy.launcher.child import Child
from deploy.launcher.debian import own_suite, unpack
from deploy.launcher.fetch import cached, silent
from deploy.launcher.places import ROOT, cache_folder
from deploy.launcher.ports import HOST, free_ports

SHIPPED = ROOT / "deploy/prometheus"
_WAY_OUT = "Run the tests on Debian."


def binary(name: str) -> Path:
    """`prometheus` or `promtool`. Downloads the first time. Raises Trouble."""

    def fetch(folder: Path) -> None:
        unpack(folder, own_suite() or "", ["prometheus"], "Prometheus", _WAY_OUT)

    return cached(cache_folder() / "prometheus", fetch, "", silent) / "usr/bin" / name


class Prometheus:
    """A Prometheus of the test's own: the shipped scrape configuration and rules, and only the
    addresses are those of the processes that run here."""

    def __init__(self, folder: Path, addresses: Mapping[str, str], seconds: float | None = None):
        """`addresses`: compose service → `http://127.0.0.1:PORT` of its replicas, one each.
        `seconds` between scrapes and between looks at the rules; None as shipped."""
        (self.port,) = free_ports(1)
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(SHIPPED / "alerts.yml", folder)
        config = folder / "prometheus.yml"
        config.write_text(yaml.safe_dump(_moved(addresses, self.port, seconds)), encoding="utf-8")
        listen = f"--web.listen-address={HOST}:{self.port}"
        data = f"--storage.tsdb.path={folder / 'data'}"
        command = [str(binary("prometheus")), f"--config.file={config}", data, listen]
        self._child = Child("prometheus", command, folder / "prometheus.log")
        self.http = httpx.Client(base_url=f"http://{HOST}:{self.port}", timeout=30)

    def start(self) -> None:
        self._child.start()
        self._child.wait_ready(self._ready, 60)

    def _ready(self) -> bool:
        try:
            return self.http.get("/-/ready").status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        self.http.close()
        self._child.stop()

    def ask(self, expr: str) -> list[dict[str, Any]]:
        """The series of an instant query."""
        said = self.http.get("/api/v1/query", params={"query": expr}).json()
        assert said["status"] == "success", f"{expr}: {said}"
        found: list[dict[str, Any]] = said["data"]["result"]
        return found

    def alerts(self) -> dict[str, dict[str, Any]]:
        """Every alert rule by its name: its `state` (inactive, pending, firing) and `health`."""
        groups = self.http.get("/api/v1/rules").json()["data"]["groups"]
        return {rule["name"]: rule for group in groups for rule in group["rules"]}


def _moved(addresses: Mapping[str, str], port: int, seconds: float | None) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((SHIPPED / "prometheus.yml").read_text("utf-8"))
    config.pop("alerting", None)  # nobody to send to in a test
    if seconds is not None:
        every = f"{int(seconds * 1000)}ms"
        config["global"] |= {
            "scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every,
        }  # fmt: skip
    for job in config["scrape_configs"]:
        for group in job["static_configs"]:
            kept = [t for t in group["targets"] if t.partition(":")[0] in addresses]
            group["targets"] = kept or [f"{HOST}:{port}"]
        # After the shipped rules, which name the service by the address it has in compose.
        job.setdefault("relabel_configs", []).extend(
            {
                "source_labels": ["__address__"],
                "regex": f"{name}:.*",
                "target_label": "__address__",
                "replacement": urlsplit(address).netloc,
            }
            for name, address in addresses.items()
        )
    return config
