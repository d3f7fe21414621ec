"""Debian packages unpacked into a folder of ours, from the mirror this machine is configured with.

Nothing is installed, and apt's own state is not touched.
"""

from __future__ import annotations

import platform
import shutil
from collections.abc import Sequence
from pathlib import Path

from deploy.launcher.fetch import run_tool
from deploy.launcher.trouble import Trouble


def own_suite() -> str | None:
    """The Debian release that this machine runs, such as `bookworm`; None on another system."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return None
    if release.get("ID") != "debian" or not shutil.which("apt-get"):
        return None
    return release.get("VERSION_CODENAME")


def unpack(folder: Path, suite: str, packages: Sequence[str], what: str, way_out: str) -> None:
    """Download `packages` of `suite` and unpack them into `folder`, without what they depend on.

    `what` names them and `way_out` says what to do without them, when it raises Trouble.
    """
    scratch = folder / "apt"
    for each in ("state/lists/partial", "cache/archives/partial", "packages"):
        (scratch / each).mkdir(parents=True)
    sources = scratch / "sources.list"
    sources.write_text(f"deb {_mirror(what, way_out)} {suite} main\n", encoding="utf-8")
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
    said = f"The download of {what} with apt"
    advice = f"Check the network and run it again. {way_out}"
    downloads = scratch / "packages"
    run_tool([*apt, "update", "--error-on=any"], downloads, said, advice)
    run_tool([*apt, "download", *packages], downloads, said, advice)
    for package in sorted(downloads.glob("*.deb")):
        run_tool(["dpkg-deb", "-x", str(package), str(folder)], folder, said, advice)
    shutil.rmtree(scratch)


def _mirror(what: str, way_out: str) -> str:
    """The address this machine takes its own Debian from."""
    suite = own_suite()
    if suite is None:
        raise Trouble(f"{what} would come from Debian's packages, which are not here. {way_out}")
    lines = run_tool(
        ["apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)"],
        cwd=Path("/"),
        what="Reading apt's configuration",
        way_out=way_out,
    ).splitlines()
    for line in lines:
        found, component, address = line.split(maxsplit=2)
        if found == suite and component == "main":
            return address
    raise Trouble(f"apt knows no mirror for {suite}/main. {way_out}")
