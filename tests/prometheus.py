"""Debian's Prometheus, unpacked beside the other engines: `prometheus` and `promtool`."""

from pathlib import Path

from deploy.launcher.debian import own_suite, unpack
from deploy.launcher.fetch import cached, silent
from deploy.launcher.places import cache_folder

_WAY_OUT = "Run the tests on Debian."


def binary(name: str) -> Path:
    """`prometheus` or `promtool`. Downloads the first time. Raises Trouble."""

    def fetch(folder: Path) -> None:
        unpack(folder, own_suite() or "", ["prometheus"], "Prometheus", _WAY_OUT)

    return cached(cache_folder() / "prometheus", fetch, "", silent) / "usr/bin" / name
