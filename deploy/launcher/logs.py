"""The logs of the processes: bounded while they grow, and read back side by side."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

LARGEST_BYTES = 10_000_000


def bound(log: Path, largest: int = LARGEST_BYTES) -> None:
    """When `log` has grown over `largest` bytes, keep its content as `.1` and empty it.

    The process goes on writing into the same file: it appends, so emptying is safe, and what it
    writes between the copy and the cut (microseconds) is the price of needing no pipe.
    """
    if log.exists() and log.stat().st_size > largest:
        shutil.copyfile(log, log.with_name(f"{log.name}.1"))
        with log.open("r+b") as handle:
            handle.truncate(0)


class Tail:
    """Reads what a log file gains. Survives that the file is emptied or not there yet."""

    def __init__(self, log: Path, lines: int) -> None:
        """The first `read` begins with the last `lines` lines that are there already."""
        self.name = log.stem
        self._log = log
        self._rest = b""
        self._position = self._start(lines)

    def read(self) -> Iterator[str]:
        """The complete lines that have come since the last call."""
        try:
            size = self._log.stat().st_size
        except FileNotFoundError:
            return
        if size < self._position:
            self._position, self._rest = 0, b""
        with self._log.open("rb") as handle:
            handle.seek(self._position)
            data = self._rest + handle.read()
            self._position = handle.tell()
        *complete, self._rest = data.split(b"\n")
        for line in complete:
            yield line.decode(errors="replace")

    def _start(self, lines: int) -> int:
        if not self._log.exists():
            return 0
        data = self._log.read_bytes()
        position = len(data)
        for _ in range(lines + 1):
            found = data.rfind(b"\n", 0, position)
            if found < 0:
                return 0
            position = found
        return position + 1
