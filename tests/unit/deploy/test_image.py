"""The image: what it copies is enough to run every process, and its packages are the locked ones."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from deploy.launcher.places import ROOT
from deploy.launcher.processes import SERVICES

_DOCKERFILE = (ROOT / "deploy/docker/Dockerfile").read_text(encoding="utf-8")
_PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.M)
_DEV_ONLY = {"pytest", "mypy", "ruff", "hypothesis", "import-linter"}


def _pins(lock: str) -> dict[str, str]:
    return dict(_PIN.findall((ROOT / lock).read_text(encoding="utf-8")))


def _canonical(package: str) -> str:
    """As lock files write it: `ruamel.yaml` is `ruamel-yaml`."""
    return re.sub(r"[-_.]+", "-", package).lower()


def _copied() -> list[tuple[str, str]]:
    """(source, target) of every COPY out of the checkout."""
    return re.findall(r"^COPY (?!--from)(\S+) (\S+)$", _DOCKERFILE, re.M)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """/app of the image, as its COPY lines make it."""
    folder = tmp_path_factory.mktemp("app")
    for source, target in _copied():
        if (ROOT / source).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / source, folder / target, ignore=ignored)
    return folder


def _run(app: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=app,
        env={**os.environ, "PYTHONPATH": str(app), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_service_and_command_is_in_the_image(app: Path) -> None:
    wanted = [f"services.{name}.__main__" for name in SERVICES] + ["deploy.cli.provision"]
    script = (
        "import importlib.util as u\n"
        f"for name in {wanted!r}: print(u.find_spec(name).origin)\n"
        "import services.dust.line, deploy.cli.provision, shared.runtime.process"
    )
    origins = _run(app, "-c", script).split()
    assert len(origins) == len(wanted)
    assert all(Path(origin).is_relative_to(app) for origin in origins)


def test_the_pack_and_the_commands_work_from_it(app: Path) -> None:
    _run(app, "-m", "deploy.cli", "pack", "check", "deploy/counties/jinxiang-370828")
    assert "--partitions" in _run(app, "-m", "deploy.cli", "provision", "--help")


def test_what_is_copied_exists_and_is_let_through() -> None:
    ignore = (ROOT / "deploy/docker/Dockerfile.dockerignore").read_text(encoding="utf-8")
    lines = [line for line in ignore.splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*", "nothing of the checkout but what is named may reach the image"
    for source, _ in _copied():
        assert (ROOT / source).exists(), source
        assert f"!{source.partition('/')[0]}" in lines, source


def test_the_script_of_the_image_is_a_program() -> None:
    script = ROOT / "deploy/docker/tenlines"
    assert os.access(script, os.X_OK) and script.read_text().startswith("#!/bin/sh\n")


def test_bases_are_pinned_and_the_process_is_nobody() -> None:
    bases = re.findall(r"^FROM (\S+)", _DOCKERFILE, re.M)
    assert len(bases) == 2 and len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", bases[0])
    users = re.findall(r"^USER (\S+)", _DOCKERFILE, re.M)
    assert users == ["10001:10001"]
    assert _DOCKERFILE.rindex("USER") > _DOCKERFILE.rindex("RUN")


def test_its_packages_are_those_that_the_tests_run_with() -> None:
    runtime, every = _pins("requirements-runtime.lock"), _pins("requirements.lock")
    assert runtime and runtime.items() <= every.items(), "run `make lock`"
    assert not _DEV_ONLY & set(runtime)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {_canonical(re.split(r"[\[<>=~! ]", need)[0]) for need in project["dependencies"]}
    assert names <= set(runtime), "run `make lock`"
    text = (ROOT / "requirements-runtime.lock").read_text(encoding="utf-8")
    for block in re.split(r"\n(?=[a-z0-9])", text)[1:]:
        assert "--hash=sha256:" in block, block.splitlines()[0]
    assert "--require-hashes" in _DOCKERFILE
