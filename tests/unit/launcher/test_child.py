"""A process of ours: its last words, its end, and that it never outlives us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from deploy.launcher.child import Child
from deploy.launcher.places import ROOT
from tests.waiting import until

_SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
_DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); "


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("one\nValueError: two\n\n", "ValueError: two"),
        ('{"level": "ERROR", "message": "the pack has no lines"}\n', "the pack has no lines"),
        ('{"level": "ERROR"}\n', '{"level": "ERROR"}'),
        ("[1, 2]\n", "[1, 2]"),
        ("", ""),
    ],
)
def test_last_words(tmp_path: Path, log: str, words: str) -> None:
    (tmp_path / "log").write_text(log)
    assert Child("x", [], tmp_path / "log").last_words() == words


def test_who_does_not_listen_is_killed(tmp_path: Path) -> None:
    child = Child("deaf", [sys.executable, "-c", _DEAF + "time.sleep(600)"], tmp_path / "log")
    child.start()
    until(lambda: child.last_words() == "deaf")
    child.stop(patience_seconds=0.2)
    assert child.exit_code == -signal.SIGKILL


def test_kill_ends_the_whole_group(tmp_path: Path) -> None:
    script = (
        f"import subprocess; p = subprocess.Popen({_SLEEP!r}); print(p.pid, flush=True); p.wait()"
    )
    child = Child("parent", [sys.executable, "-c", script], tmp_path / "log")
    child.start()
    grandchild = int(until(child.last_words))
    child.kill()
    until(lambda: not _runs(grandchild))


def test_it_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys, time; from deploy.launcher.child import Child\n"
        f"child = Child('x', {_SLEEP!r}, pathlib.Path({str(tmp_path / 'log')!r}))\n"
        "child.start(); print(child.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert _runs(pid)
        os.kill(parent.pid, signal.SIGKILL)
    until(lambda: not _runs(pid))


def test_a_thread_may_not_start_one(tmp_path: Path) -> None:
    caught: list[BaseException] = []

    def start() -> None:
        try:
            Child("x", _SLEEP, tmp_path / "log").start()
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in str(caught[0])


def _runs(pid: int) -> bool:
    """A process that ended but was not waited for (its parent is gone, too) does not run."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
