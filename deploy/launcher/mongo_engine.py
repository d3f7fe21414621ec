"""The embedded MongoDB engine, fetched once with npm, for machines without a `mongod`."""

from __future__ import annotations

import shutil
from pathlib import Path

from deploy.launcher import glibc, needs
from deploy.launcher.fetch import Say, cached, fingerprint, run_tool, silent

ASSETS = Path(__file__).parent / "assets" / "mongo"
COMMITS_REACH_THE_SYSTEM = "transaction_sync=(enabled=true,method=none)"
"""The storage engine hands each commit to the operating system before it is acknowledged.

Without it this engine acknowledges updates with `j: true` that a kill -9 then takes back
(`tests/faults/test_engine.py`); a power loss is still the business of the journal's own flush.
"""


def fetch(cache: Path, say: Say = silent) -> Path:
    """The folder that holds the engine's `node_modules`. Downloads the first time.

    Raises Trouble.
    """
    name = fingerprint(ASSETS / "package.json", ASSETS / "package-lock.json")
    news = "downloading the MongoDB engine with npm (36 MB)"
    return cached(cache / f"mongo-engine-{name}", _download, news, say)


def command(cache: Path, data: Path, host: str, port: int) -> list[str]:
    """How to start the engine on `data`; `environment` belongs to it. Raises Trouble."""
    script = str(ASSETS / "server.js")
    return [*glibc.prefix(cache), needs.node(), script, str(data), host, str(port)]


def environment(cache: Path) -> dict[str, str]:
    """Where Node finds the engine, where it puts its socket, and how it keeps what it commits."""
    return {
        "NODE_PATH": str(fetch(cache) / "node_modules"),
        # Relative to the working directory, because the path of a Unix socket may have no
        # more than 107 bytes and a project may lie deep.
        "TMPDIR": ".",
        "WIREDTIGER_CONFIG": COMMITS_REACH_THE_SYSTEM,
    }


def _download(folder: Path) -> None:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ASSETS / name, folder)
    store = folder / ".npm"
    run_tool(
        [needs.npm(), "ci", "--no-audit", "--no-fund", "--omit=peer", f"--cache={store}"],
        cwd=folder,
        what="The download of the MongoDB engine with npm",
        way_out="Check the network (or npm's registry setting) and run it again, put a `mongod` "
        "on the PATH, or set TENLINES_MONGO to a server that runs elsewhere.",
    )
    shutil.rmtree(store, ignore_errors=True)
