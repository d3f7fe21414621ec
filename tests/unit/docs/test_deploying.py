"""deploy/README.md names what there is: commands, options, services, files, settings."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest

from deploy.backup.parts import PARTS
from deploy.cli import main
from deploy.launcher.places import ROOT
from deploy.launcher.processes import SERVICES
from tests.docker_compose import binary, config
from tests.unit.deploy.compose import read

PAGE = ROOT / "deploy/README.md"
TEXT = PAGE.read_text(encoding="utf-8")
_BLOCKS = re.findall(r"^```(?:sh|cron)\n(.*?)^```", TEXT, re.M | re.S)
_INLINE = re.findall(r"`([^`\n]+)`", TEXT)
COMMANDS = [
    command.strip()
    for line in [*"\n".join(_BLOCKS).splitlines(), *_INLINE]
    for command in re.split(r"&&|\||\$\(|;", line)
    if re.match(r"\s*(docker compose|tenlines) ", command)
]
_TENLINES = sorted(
    {
        re.split(r"[…>\n]", command.partition("tenlines ")[2])[0].rstrip(") ")
        for command in COMMANDS
        if re.search(r"(^| operator )tenlines \w", command)
    }
)
_STANDING = {"up", "run", "ps", "config", "pull", "build", "version", "stop", "restart", "logs"}


def test_there_is_something_to_check() -> None:
    assert len(COMMANDS) > 25 and len(_TENLINES) > 8


@pytest.mark.parametrize("said", _TENLINES)
def test_a_command_of_ours_is_one(said: str) -> None:
    words = shlex.split(said.replace("$(date +%F", "today").replace("$(date +\\%F", "today"))
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None, said
        command = found
    options = {name for p in command.params for name in p.opts if name.startswith("--")}
    assert {word for word in words if word.startswith("--")} <= options, said
    if command.name in ("backup", "restore"):
        named = [word for word in words if not word.startswith(("--", "/"))]
        assert set(named) <= {*PARTS, "目录"}, said


def test_services_and_profiles_are_those_of_the_compose_file() -> None:
    services = read()["services"]
    profiles = {each for service in services.values() for each in service.get("profiles", ())}
    for command in COMMANDS:
        if not command.startswith("docker compose"):
            continue
        words = command.split()[2:]
        while words and words[0] == "--profile":
            assert words[1] in profiles, command
            words = words[2:]
        assert words[0] in _STANDING, command
        if words[0] in ("stop", "restart", "up", "logs"):
            named = [w for w in words[1:] if re.fullmatch(r"[a-z]+", w)]
            assert set(named) <= set(services), command
        if words[0] == "run":
            assert "operator" in words, command
            assert "--rm" in words, command


def test_options_of_compose_are_options_of_compose() -> None:
    for command in COMMANDS:
        words = command.split()
        if not command.startswith("docker compose") or "run" in words:
            continue
        verb = next(word for word in words[2:] if word in _STANDING)
        asked = {w for w in words[words.index(verb) + 1 :] if w.startswith("--")}
        told = subprocess.run(
            [str(binary()), verb, "--help"], capture_output=True, text=True, check=True
        ).stdout
        assert all(f"{option} " in told or f"{option}\n" in told for option in asked), command


def test_everything_stops_before_everything_is_restored() -> None:
    (stopped,) = [c for c in COMMANDS if c.startswith("docker compose stop gateway dust")]
    assert set(stopped.split()[3:]) == set(SERVICES)


def test_files_and_pages_are_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (PAGE.parent / target).exists(), target
    for path in re.findall(r"`((?:deploy|docs)/[\w./-]+)`", TEXT):
        assert (ROOT / path.rstrip("/")).exists(), path
    for script in re.findall(r"^(deploy/\S+\.sh)$", TEXT, re.M):
        assert (ROOT / script).stat().st_mode & 0o111, script


def test_what_may_be_set_is_what_compose_reads() -> None:
    compose = Path(ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    read_by_compose = set(re.findall(r"\$\{(TENLINES_\w+)", compose))
    assert set(re.findall(r"TENLINES_[A-Z_]+", TEXT)) == read_by_compose
    assert config(dict.fromkeys(read_by_compose, ""))


def test_the_sizes_it_names_are_those_of_the_file() -> None:
    limits = [
        int(service["deploy"]["resources"]["limits"]["memory"])
        for service in config()["services"].values()
        if service["restart"] != "no"
    ]
    said = re.search(r"内存上限合计约 (\d+) GiB", TEXT)
    assert said and abs(sum(limits) / 2**30 - int(said[1])) < 0.6, sum(limits) / 2**30
