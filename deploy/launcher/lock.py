"""One supervisor a folder, by a lock the kernel takes back when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from deploy.launcher.trouble import Trouble


class Lock:
    """The lock on a world's folder. The file holds the process id of its owner."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._handle: IO[str] | None = None

    def take(self) -> None:
        """Take it for as long as this process lives. Raises Trouble when somebody has it."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        handle = self._file.open("a+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            raise Trouble(
                f"Tenlines already runs here (pid {self.holder()}). `make status` shows it, "
                "`make down` ends it."
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        self._handle = handle

    def check(self) -> None:
        """Raises Trouble when somebody has it."""
        self.take()
        self.release()

    def release(self) -> None:
        """Give it back."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def holder(self) -> int | None:
        """The process id of the supervisor that has it now; None when nobody has it."""
        try:
            with self._file.open() as handle:
                try:
                    fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return int(handle.read() or 0)
        except OSError:
            pass
        return None
