"""Kafka's jars, fetched once with Maven."""

from __future__ import annotations

import shutil
from pathlib import Path

from deploy.launcher import needs
from deploy.launcher.fetch import Say, cached, fingerprint, run_tool, silent

ASSETS = Path(__file__).parent / "assets" / "kafka"


def folder(cache: Path) -> Path:
    """Where the jars are, or will be: a changed list of jars is another folder."""
    return cache / f"kafka-libs-{fingerprint(ASSETS / 'pom.xml')}"


def fetch(cache: Path, say: Say = silent) -> Path:
    """The folder of the jars, downloading them when it is not there yet. Raises Trouble."""
    return cached(folder(cache), _download, "downloading Kafka with Maven (43 MB)", say)


def class_path(libs: Path) -> str:
    """The jars in one fixed order: a class archive is valid only for the order it was made in."""
    return ":".join(str(jar) for jar in sorted(libs.glob("*.jar")))


def _download(target: Path) -> None:
    # A repository of our own: the machine's stays as it is, and what only Maven itself
    # needed is gone afterwards. The user's settings (mirrors, proxies) still count.
    repository = target.parent / f"{target.name}.repository"
    command = [
        needs.maven(),
        "--batch-mode",
        "--quiet",
        f"-Dmaven.repo.local={repository}",
        "--file",
        str(ASSETS / "pom.xml"),
        "dependency:copy-dependencies",
        "-DincludeScope=runtime",
        f"-DoutputDirectory={target}",
    ]
    run_tool(
        command,
        cwd=target,
        what="The download of Kafka with Maven",
        way_out="Check the network (or the mirror in Maven's settings.xml) and run it again, "
        "or set TENLINES_KAFKA to a broker that runs elsewhere.",
    )
    shutil.rmtree(repository, ignore_errors=True)
