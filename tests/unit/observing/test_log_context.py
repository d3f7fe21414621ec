"""Log lines say what they are about: line, entry, command, trace; and the same in both styles."""

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from shared.contract.trace import following
from shared.runtime.logging import about, configure_logging
from tests.unit.observing.test_trace import PARENT

log = logging.getLogger("tests.about")


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    yield
    root.handlers[:] = kept
    root.setLevel(level)


def lines(written: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.readouterr().err.splitlines()]


def test_what_is_being_done_stands_in_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("dust", "INFO", "json", "dust")
    log.info("before")
    with following(PARENT), about(entry="p1", command="c1"):
        log.info("during", extra={"number": 3})
        with about(entry="p2"):
            log.info("deeper")
    log.info("after")
    before, during, deeper, after = lines(capsys)
    assert during | {"line": "dust", "entry": "p1", "command": "c1", "number": 3} == during
    assert during["trace"] == PARENT.id
    assert (deeper["entry"], deeper["command"]) == ("p2", "c1")
    for outside in (before, after):
        assert outside["line"] == "dust" and not {"entry", "command", "trace"} & set(outside)


async def test_two_at_once_do_not_mix(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("gateway", "INFO", "json")

    async def work(entry: str) -> None:
        with about(entry=entry):
            await asyncio.sleep(0)
            log.info(entry)

    await asyncio.gather(*(work(f"p{n}") for n in range(5)))
    found = lines(capsys)
    assert len(found) == 5
    assert all(line["entry"] == line["message"] and "line" not in line for line in found)


def test_at_a_terminal_the_same_is_read_by_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("dust", "INFO", "text", "dust")
    with about(entry="p1"):
        log.info("assigned")
    assert "assigned  [line=dust entry=p1]" in capsys.readouterr().err
