"""What must be on the machine before we start: found, and recent enough."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache

from deploy.launcher.trouble import Trouble

JAVA_MAJOR = 17
NODE_MAJOR = 20


def _tool(name: str, way_out: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise Trouble(f"`{name}` is not on the PATH. {way_out}")
    return path


def _major(command: list[str], pattern: str) -> int:
    """The major version a tool prints about itself; 0 when it prints none."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(pattern, done.stdout + done.stderr)
    return int(found.group(1)) if found else 0


@cache
def java() -> str:
    """The path of a Java that can run the broker. Raises Trouble."""
    way_out = (
        f"Kafka runs on Java {JAVA_MAJOR} or newer: install it (Debian: apt-get install "
        "openjdk-17-jre-headless), or set TENLINES_KAFKA to a broker that runs elsewhere."
    )
    path = _tool("java", way_out)
    major = _major([path, "-version"], r'version "(\d+)')
    if major < JAVA_MAJOR:
        raise Trouble(f"`java` is version {major or 'unknown'}. {way_out}")
    return path


@cache
def maven() -> str:
    """The path of Maven, which fetches Kafka's jars. Raises Trouble."""
    return _tool(
        "mvn",
        "Kafka's jars are fetched with Maven: install it (Debian: apt-get install maven), "
        "or set TENLINES_KAFKA to a broker that runs elsewhere.",
    )


@cache
def node() -> str:
    """The path of the real Node binary, behind any version manager's shim. Raises Trouble."""
    way_out = (
        f"The local MongoDB engine runs in Node {NODE_MAJOR} or newer: install it, put a `mongod` "
        "on the PATH, or set TENLINES_MONGO to a server that runs elsewhere."
    )
    path = _tool("node", way_out)
    major = _major([path, "--version"], r"v(\d+)\.")
    if major < NODE_MAJOR:
        raise Trouble(f"`node` is version {major or 'unknown'}. {way_out}")
    done = subprocess.run(
        [path, "-p", "process.execPath"], capture_output=True, text=True, check=False, timeout=30
    )
    return done.stdout.strip() or path


@cache
def npm() -> str:
    """The path of npm, which fetches the MongoDB engine. Raises Trouble."""
    return _tool(
        "npm",
        "The local MongoDB engine is fetched with npm, which comes with Node: install it, put a "
        "`mongod` on the PATH, or set TENLINES_MONGO to a server that runs elsewhere.",
    )
