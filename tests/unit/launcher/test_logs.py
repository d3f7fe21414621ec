"""Logs stay bounded, and a reader loses nothing that was not cut away."""

from __future__ import annotations

from pathlib import Path

from deploy.launcher.logs import Tail, bound


def test_a_log_over_its_bound_is_moved_aside_and_written_on(tmp_path: Path) -> None:
    log = tmp_path / "dust.log"
    with log.open("ab", buffering=0) as process:  # as a process has it: open, appending
        process.write(b"x" * 100 + b"\n")
        bound(log, largest=200)
        assert log.stat().st_size == 101
        bound(log, largest=100)
        process.write(b"after\n")
    assert log.read_text() == "after\n"
    assert (tmp_path / "dust.log.1").read_text() == "x" * 100 + "\n"


def test_a_tail_begins_with_the_last_lines_and_follows(tmp_path: Path) -> None:
    log = tmp_path / "dust.log"
    log.write_text("one\ntwo\nthree\n")
    tail = Tail(log, lines=2)
    assert (tail.name, list(tail.read())) == ("dust", ["two", "three"])
    with log.open("a") as process:
        process.write("fo")
        process.flush()
        assert list(tail.read()) == []
        process.write("ur\n五\n")
    assert list(tail.read()) == ["four", "五"]


def test_a_tail_survives_the_cut_and_a_missing_file(tmp_path: Path) -> None:
    log = tmp_path / "dust.log"
    tail = Tail(log, lines=5)
    assert list(tail.read()) == []
    log.write_text("a long first line\n")
    assert list(tail.read()) == ["a long first line"]
    log.write_text("new\n")
    assert list(tail.read()) == ["new"]


def test_a_tail_of_more_lines_than_there_are(tmp_path: Path) -> None:
    log = tmp_path / "dust.log"
    log.write_text("one\ntwo\n")
    assert list(Tail(log, lines=2).read()) == ["one", "two"]
    assert list(Tail(log, lines=9).read()) == ["one", "two"]
    assert list(Tail(log, lines=0).read()) == []
