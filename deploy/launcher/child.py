"""One operating-system process that ends with the process that started it."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.launcher.trouble import Trouble

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: between fork and exec nothing may allocate or import.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _die_with(parent: int) -> Callable[[], None]:
    def before_exec() -> None:
        # SIGKILL, because a process that was stopped or hangs would sleep through SIGTERM and
        # hold its port for ever. Everything we start survives kill -9 by promise.
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)

    return before_exec


class Child:
    """A process in its own group, its output appended to a log file."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        """`env` is added to our own environment."""
        self.name = name
        self.log = log
        self._command = list(command)
        self._env = {**os.environ, **(env or {})}
        self._cwd = cwd
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and return at once. Raises Trouble when it cannot be started."""
        if threading.current_thread() is not threading.main_thread():
            # The kernel ends a child when the *thread* that forked it ends.
            raise RuntimeError("a Child must be started from the main thread")
        if self.alive:
            raise RuntimeError(f"{self.name} is already running")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            try:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=self._env,
                    cwd=self._cwd,
                    start_new_session=True,
                    preexec_fn=_die_with(os.getpid()),
                )
            except OSError as error:
                raise Trouble(f"{self.name} could not be started: {error}.") from None

    @property
    def pid(self) -> int | None:
        """The process id while it is known, also after its end until the next start."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """None before the first start and while running; negative for a signal."""
        return self._process.poll() if self._process else None

    def terminate(self) -> None:
        """Ask it to end (SIGTERM) and return at once."""
        if self.alive:
            self._signal(signal.SIGTERM)

    def stop(self, patience_seconds: float = 15.0) -> None:
        """Ask it to end; after `patience_seconds` do not ask any more."""
        self.terminate()
        if not self._wait(patience_seconds):
            self.kill()

    def kill(self) -> None:
        """kill -9 of the whole group; returns when the process is gone."""
        if self._process is None:
            return
        self._signal(signal.SIGKILL)
        self._process.wait()

    def pause(self) -> None:
        """SIGSTOP: alive and deaf, as a machine under a stall is."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT: the end of `pause`."""
        self._signal(signal.SIGCONT)

    def wait_ready(self, ready: Callable[[], bool], seconds: float) -> None:
        """Return when `ready()` holds. Raises Trouble on the deadline or when it dies."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.alive:
                raise Trouble(
                    f"{self.name} ended while starting (exit {self.exit_code}): {self.last_words()}"
                    f" The whole log: {self.log}"
                )
            if time.monotonic() > deadline:
                raise Trouble(
                    f"{self.name} was not ready within {seconds:.0f} s. Its log: {self.log}"
                )
            time.sleep(0.05)

    def last_words(self) -> str:
        """The last line of the log, which usually names the reason; of a JSON line the message."""
        if not self.log.exists():
            return ""
        tail = self.log.read_bytes()[-20_000:].decode(errors="replace").strip().splitlines()
        last = tail[-1] if tail else ""
        with contextlib.suppress(ValueError, TypeError, KeyError):
            last = str(json.loads(last)["message"])
        return last.strip().split("\n")[-1][:500]

    def _wait(self, seconds: float) -> bool:
        if self._process is None:
            return True
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        # It may have ended a moment before us.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)
