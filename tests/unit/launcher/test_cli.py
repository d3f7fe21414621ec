"""The command line: fast help, found by file name, and sentences instead of tracebacks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.cli import main
from deploy.launcher.lock import Lock
from deploy.launcher.places import ROOT, Places


def _run(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.cli", *words],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_lists_every_command_and_imports_none() -> None:
    script = (
        "import sys; from deploy.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in sys.modules if m.startswith('deploy.cli.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for word in ("up ", "down ", "status ", "logs ", "reset ", "provision "):
        assert f"\n  {word}" in done.stdout
    assert done.stdout.rstrip().endswith("[]")


@pytest.mark.parametrize("name", sorted(main.list_commands(None)))  # type: ignore[arg-type]
def test_every_command_has_a_summary_and_its_own_help(name: str) -> None:
    overview = CliRunner().invoke(main, ["--help"]).output
    assert f"\n  {name} " in overview
    assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0


def test_a_word_that_is_no_service_is_refused_with_the_list() -> None:
    done = _run("up", "--only", "dusk")
    assert done.returncode == 2
    assert "there is no service `dusk`; there are: gateway, dust" in done.stderr


def test_without_java_it_says_so_and_the_way_out(tmp_path: Path) -> None:
    done = _run(
        "up",
        "--only",
        "engines",
        PATH=str(tmp_path),
        TENLINES_HOME=str(tmp_path / "home"),
        TENLINES_KAFKA="127.0.0.1:1",
        TENLINES_MONGO="mongodb://127.0.0.1:2",
    )
    assert done.returncode == 1
    assert done.stderr.startswith("tenlines: `java` is not on the PATH. Kafka runs on Java 17")
    assert "TENLINES_KAFKA" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_runs_in_an_empty_folder(tmp_path: Path) -> None:
    home = str(tmp_path)
    assert _run("down", TENLINES_HOME=home).stdout == "Nothing runs here.\n"
    status = _run("status", "--json", TENLINES_HOME=home)
    assert (status.returncode, status.stdout) == (0, "[]\n")


def test_reset_deletes_the_data_but_not_while_it_runs(tmp_path: Path) -> None:
    data = tmp_path / "data" / "kafka"
    data.mkdir(parents=True)
    lock = Lock(Places(tmp_path).lock)
    lock.take()
    refused = _run("reset", "--yes", TENLINES_HOME=str(tmp_path))
    assert refused.returncode == 1
    assert f"already runs here (pid {os.getpid()})" in refused.stderr
    assert data.exists()
    lock.release()
    assert _run("reset", TENLINES_HOME=str(tmp_path)).returncode == 1  # nobody said yes
    assert data.exists()
    assert _run("reset", "--yes", TENLINES_HOME=str(tmp_path)).returncode == 0
    assert not data.exists()


def test_logs_are_shown_with_their_names(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "dust.log").write_text("one\ntwo\n")
    (tmp_path / "logs" / "gateway.log").write_text("three\n")
    done = _run("logs", "--no-follow", "--lines", "1", TENLINES_HOME=str(tmp_path))
    assert done.stdout.splitlines() == ["dust    │ two", "gateway │ three"]
    done = _run("logs", "--no-follow", "dust", TENLINES_HOME=str(tmp_path))
    assert done.stdout.splitlines() == ["dust │ one", "dust │ two"]
