"""What must be true when everything is quiet again, whatever was killed in between."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx

from deploy.launcher.places import ROOT
from deploy.launcher.world import World
from tests.faults.workload import Workload


def verify(world: World, seconds: float) -> None:
    """`tenlines verify` is clean within so many seconds."""
    env = {
        **os.environ,
        "TENLINES_KAFKA": world.kafka_address,
        "TENLINES_MONGO": world.mongo_address,
    }
    command = [sys.executable, "-m", "deploy.cli", "verify", "--wait", str(seconds)]
    told = subprocess.run(command, env=env, cwd=Path(ROOT), capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr


def each_in_effect_once(gateway: str, work: Workload) -> None:
    """Every acknowledged command made one version, and none made a second problem."""
    with httpx.Client(base_url=gateway, timeout=10) as client:
        for title, entry in work.outcome.problems.items():
            found = client.get(f"/v1/problems/{entry}").json()
            assert found["title"] == title
            assert found["comment_count"] == work.outcome.comments[entry] == 4
            history = client.get(f"/v1/problems/{entry}/history").json()["items"]
            assert [change["version"] for change in history] == [1, 2, 3, 4, 5]
        word = next(iter(work.outcome.problems)).split()[0]
        page = client.get("/v1/problems", params={"q": word, "limit": 1, "count": "true"}).json()
        assert page["total"] == len(work.outcome.problems)
