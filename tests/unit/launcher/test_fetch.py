"""A download is whole or not there, and a failed one says what to do."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from deploy.launcher.fetch import cached, run_tool, silent
from deploy.launcher.trouble import Trouble


def test_a_failed_download_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    def half(folder: Path) -> None:
        (folder / "half").touch()
        raise Trouble("the line was cut")

    with pytest.raises(Trouble):
        cached(tmp_path / "jars", half, "", silent)
    assert not (tmp_path / "jars").exists()

    cached(tmp_path / "jars", lambda folder: (folder / "whole").touch(), "", silent)
    assert [file.name for file in (tmp_path / "jars").iterdir()] == ["whole"]


def test_two_who_need_it_at_once_download_it_once(tmp_path: Path) -> None:
    builds: list[Path] = []
    first_is_in, go_on = threading.Event(), threading.Event()

    def slow(folder: Path) -> None:
        builds.append(folder)
        first_is_in.set()
        assert go_on.wait(10)

    def fetch() -> None:
        cached(tmp_path / "jars", slow, "", silent)

    threads = [threading.Thread(target=fetch) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert first_is_in.wait(10)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert len(builds) == 1


def test_the_news_are_told_only_when_something_is_fetched(tmp_path: Path) -> None:
    told: list[str] = []
    for _ in range(2):
        cached(tmp_path / "jars", lambda _: None, "downloading jars", told.append)
    assert told == ["downloading jars"]


def test_a_failing_tool_is_one_sentence_with_its_reason_and_the_way_out(tmp_path: Path) -> None:
    script = "print('[INFO] x'); print('[ERROR] could not resolve host'); raise SystemExit(1)"
    with pytest.raises(Trouble) as caught:
        run_tool([sys.executable, "-c", script], tmp_path, "The download", "Check the network.")
    assert str(caught.value) == (
        "The download failed: [ERROR] could not resolve host. Check the network."
    )
