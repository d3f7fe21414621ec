"""Docker Compose itself, of Debian's packages: it reads and checks the file without any engine."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.launcher.debian import unpack
from deploy.launcher.fetch import cached, silent
from deploy.launcher.places import ROOT, cache_folder

_SUITE = "trixie"
"""The first release that has Compose 2."""
_PLUGIN = "usr/libexec/docker/cli-plugins/docker-compose"
_WAY_OUT = "Run the tests on Debian."


def binary() -> Path:
    """Downloads the first time. Raises Trouble."""

    def fetch(folder: Path) -> None:
        unpack(folder, _SUITE, ["docker-compose"], "Docker Compose", _WAY_OUT)

    return cached(cache_folder() / "docker-compose", fetch, "", silent) / _PLUGIN


def config(
    environment: Mapping[str, str] | None = None, profiles: Sequence[str] = ()
) -> dict[str, Any]:
    """What Compose makes of docker-compose.yml. Raises AssertionError with what it says."""
    asked = [word for profile in profiles for word in ("--profile", profile)]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TENLINES_", "COMPOSE_"))}
    done = subprocess.run(
        [str(binary()), "--env-file", "/dev/null", *asked, "config", "--format", "json"],
        cwd=ROOT,
        env={**clean, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
