"""What is missing or too old is named, with the way out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.launcher import needs
from deploy.launcher.kafka import Kafka
from deploy.launcher.mongo import Mongo
from deploy.launcher.trouble import Trouble


@pytest.fixture(autouse=True)
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The only folder on the PATH."""
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    checks = (needs.java, needs.maven, needs.node, needs.npm)
    for check in checks:
        check.cache_clear()
    yield tools
    for check in checks:
        check.cache_clear()


def _tool(tools: Path, name: str, prints: str) -> None:
    (tools / name).write_text(f"#!/bin/sh\necho '{prints}' >&2\n")
    (tools / name).chmod(0o755)


@pytest.mark.parametrize(
    ("check", "name"),
    [(needs.java, "java"), (needs.maven, "mvn"), (needs.node, "node"), (needs.npm, "npm")],
)
def test_a_missing_tool(check: Callable[[], str], name: str) -> None:
    setting = "TENLINES_MONGO" if name.startswith("n") else "TENLINES_KAFKA"
    with pytest.raises(Trouble, match=f"`{name}` is not on the PATH. .*install it.*{setting}"):
        check()


@pytest.mark.parametrize(
    ("check", "name", "prints", "version"),
    [
        (needs.java, "java", 'openjdk version "11.0.22" 2024-01-16', "11"),
        (needs.java, "java", 'java version "1.8.0_401"', "1"),
        (needs.java, "java", "The operation could not be completed", "unknown"),
        (needs.node, "node", "v18.19.0", "18"),
    ],
)
def test_a_tool_that_is_too_old(
    tools: Path, check: Callable[[], str], name: str, prints: str, version: str
) -> None:
    _tool(tools, name, prints)
    with pytest.raises(Trouble, match=f"`{name}` is version {version}. "):
        check()


def test_a_tool_that_is_new_enough(tools: Path) -> None:
    _tool(tools, "java", 'openjdk version "21.0.2" 2024-01-16')
    assert needs.java() == str(tools / "java")


def test_the_engines_ask_for_their_tools_before_they_download(tmp_path: Path) -> None:
    kafka = Kafka(cache=tmp_path, data=tmp_path, log=tmp_path, port=1, controller_port=2)
    with pytest.raises(Trouble, match="`java`"):
        kafka.prepare()
    mongo = Mongo(cache=tmp_path, data=tmp_path, log=tmp_path, port=1)
    with pytest.raises(Trouble, match="`node`"):
        mongo.prepare()
