"""A newer C library beside the system's, for an engine that needs one. Nothing is installed.

The MongoDB engine is built against glibc 2.38. A Debian that is older runs it under the next
release's loader, whose packages come from the mirror the machine itself is configured with.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path

from deploy.launcher.debian import unpack
from deploy.launcher.fetch import Say, cached, silent
from deploy.launcher.trouble import Trouble

NEEDED = (2, 38)
SUITE = "trixie"
PACKAGES = ["libc6", "libgcc-s1", "libstdc++6"]
_WAY_OUT = "Put a `mongod` on the PATH, or set TENLINES_MONGO to a server that runs elsewhere."


def prefix(cache: Path, say: Say = silent) -> list[str]:
    """What to write before a command so that it runs on a glibc that is new enough.

    Empty where the system's own is. Downloads the first time. Raises Trouble.
    """
    if platform.system() != "Linux" or _system_version() >= NEEDED:
        return []
    news = f"downloading {SUITE}'s C library with apt (4 MB), used by the MongoDB engine only"
    root = cached(cache / f"glibc-{SUITE}", _fetch, news, say)
    loader = next(root.rglob("ld-linux*.so.*"), None)
    library = next(root.rglob("libc.so.6"), None)
    if loader is None or library is None:
        raise Trouble(f"{root} is not complete: delete it and run this again. {_WAY_OUT}")
    return [str(loader), "--library-path", str(library.parent)]


def _system_version() -> tuple[int, ...]:
    try:
        words = (os.confstr("CS_GNU_LIBC_VERSION") or "").split()
    except ValueError:
        words = []
    if len(words) != 2:
        raise Trouble(f"The local MongoDB engine needs glibc, which is not here. {_WAY_OUT}")
    return tuple(int(part) for part in words[1].split(".")[:2])


def _fetch(folder: Path) -> None:
    unpack(folder, SUITE, PACKAGES, f"{SUITE}'s C library", _WAY_OUT)
