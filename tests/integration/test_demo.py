"""`tenlines demo` as a newcomer runs it: life within a minute, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import psutil

from deploy.launcher import processes
from deploy.launcher.places import ROOT
from deploy.launcher.ports import free_ports, is_open


def test_a_simulated_county_comes_to_life_and_ends_cleanly(tmp_path: Path) -> None:
    names = [*processes.SERVICES, "kafka", "kafka-controller", "mongo"]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    env = {
        **os.environ,
        "TENLINES_HOME": str(tmp_path),
        "TENLINES_PORTS": ",".join(f"{name}={port}" for name, port in ports.items()),
    }
    output = tmp_path / "output"
    with output.open("wb") as file:
        demo = subprocess.Popen(
            [sys.executable, "-m", "deploy.cli", "demo", "--speed", "1200"],
            cwd=ROOT, env=env, stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        problems = _until_life(demo, ports["gateway"], output)
        assert len({problem["line"] for problem in problems}) >= 2, "more than one line is alive"
        assert all(problem["origin"] for problem in problems), "devices found them"
        children = psutil.Process(demo.pid).children(recursive=True)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=60) == 0, output.read_text()
    finally:
        if demo.poll() is None:
            demo.kill()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    assert not is_open(ports["gateway"])
    text = output.read_text()
    assert "/v1/problems" in text and "模拟" in text
    assert (tmp_path / "demo" / "truth.jsonl").stat().st_size > 0


def _until_life(demo: subprocess.Popen[bytes], port: int, output: Path) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 180
    while True:
        assert demo.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        try:
            answer = httpx.get(f"http://127.0.0.1:{port}/v1/problems?limit=200", timeout=5)
            found: list[dict[str, Any]] = answer.json()["items"]
            if len({problem["line"] for problem in found}) >= 2:
                return found
        except (httpx.TransportError, KeyError, ValueError):
            pass
        time.sleep(0.5)
