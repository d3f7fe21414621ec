"""A newer C library beside the system's, for an engine that needs one. Nothing is installed.

The MongoDB engine is built against glibc 2.38. A Debian that is older runs it under the next
release's loader, whose packages come from the mirror the machine itself is configured with.
"""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from deploy.launcher.fetch import Say, cached, run_tool, silent
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


def _mirror() -> str:
    """The address this machine takes its own Debian from."""
    release = platform.freedesktop_os_release()
    if release.get("ID") != "debian" or not shutil.which("apt-get"):
        raise Trouble(
            "The local MongoDB engine needs glibc "
            f"{NEEDED[0]}.{NEEDED[1]}, which {release.get('PRETTY_NAME', 'this system')} does not "
            f"have. {_WAY_OUT}"
        )
    lines = run_tool(
        ["apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)"],
        cwd=Path("/"),
        what="Reading apt's configuration",
        way_out=_WAY_OUT,
    ).splitlines()
    for line in lines:
        suite, component, address = line.split(maxsplit=2)
        if suite == release.get("VERSION_CODENAME") and component == "main":
            return address
    raise Trouble(f"apt knows no mirror for {release.get('VERSION_CODENAME')}/main. {_WAY_OUT}")


def _fetch(folder: Path) -> None:
    scratch = folder / "apt"
    for each in ("state/lists/partial", "cache/archives/partial", "packages"):
        (scratch / each).mkdir(parents=True)
    sources = scratch / "sources.list"
    sources.write_text(f"deb {_mirror()} {SUITE} main\n", encoding="utf-8")
    options = {
        "Dir::Etc::sourcelist": str(sources),
        "Dir::Etc::sourceparts": "-",
        "Dir::State": str(scratch / "state"),
        "Dir::Cache": str(scratch / "cache"),
        "Acquire::Languages": "none",
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
        # As root, apt would fetch as a user who may not be able to enter our folder.
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", *(f"-o{key}={value}" for key, value in options.items())]
    what = f"The download of {SUITE}'s C library with apt"
    way_out = f"Check the network and run it again. {_WAY_OUT}"
    packages = scratch / "packages"
    run_tool([*apt, "update", "--error-on=any"], packages, what, way_out)
    run_tool([*apt, "download", *PACKAGES], packages, what, way_out)
    for package in sorted(packages.glob("*.deb")):
        run_tool(["dpkg-deb", "-x", str(package), str(folder)], folder, what, way_out)
    shutil.rmtree(scratch)
