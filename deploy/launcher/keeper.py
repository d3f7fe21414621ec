"""Keeps one process running: starts it, sees it end, starts it again, each time a bit later."""

from __future__ import annotations

import signal
from collections.abc import Callable
from enum import StrEnum

from deploy.launcher.member import Member
from deploy.launcher.ports import is_open

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""After running so long a process has outlived its earlier crashes."""
_PROBE_SECONDS = 0.2


def delay(failures: int) -> float:
    """Seconds to wait after this many crashes in a row."""
    return float(min(FIRST_DELAY_SECONDS * 2 ** (failures - 1), LONGEST_DELAY_SECONDS))


class State(StrEnum):
    WAITING = "waiting"
    """Its turn has not come yet."""
    STARTING = "starting"
    READY = "ready"
    DOWN = "down"
    """It crashed and will be started again."""
    STOPPED = "stopped"
    """Somebody ended it on purpose."""


class Keeper:
    """The keeper of one member. Nothing happens but in `tick`, with the time it is given."""

    def __init__(self, member: Member, say: Callable[[str], None]) -> None:
        """`say` is told, in one line, what happened."""
        self.member = member
        self.state = State.WAITING
        self.restarts = 0
        self.failures = 0
        self.reason = ""
        self.computing = False
        """It imports and does not listen yet; later it mostly waits for others."""
        self._say = say
        self._retry_at = 0.0
        self._probe_at = 0.0
        self._ready_since = 0.0

    def begin(self) -> None:
        """Start the member; `tick` sees when it is ready."""
        self.member.start()
        self.state = State.STARTING
        self.computing = True

    def halt(self) -> None:
        """From now on its end is no crash."""
        self.state = State.STOPPED

    def tick(self, now: float) -> None:
        """Look once. `now` is in monotonic seconds."""
        if self.state in (State.WAITING, State.STOPPED):
            return
        child = self.member.child
        if self.state is State.DOWN:
            if now >= self._retry_at:
                self.restarts += 1
                self.begin()
        elif child is None or not child.alive:
            self._crashed(now)
        elif self.state is State.STARTING:
            self._look_whether_ready(now)
        elif self.failures and now - self._ready_since > STEADY_SECONDS:
            self.failures = 0

    def _look_whether_ready(self, now: float) -> None:
        if now < self._probe_at:
            return
        self._probe_at = now + _PROBE_SECONDS
        self.computing = not is_open(self.member.port)
        if not self.computing and self.member.ready():
            self.state, self._ready_since = State.READY, now
            if self.restarts:
                self._say(f"{self.member.name} is ready again")

    def _crashed(self, now: float) -> None:
        child = self.member.child
        self.failures += 1
        self._retry_at = now + delay(self.failures)
        self.state = State.DOWN
        self.computing = False
        code = child.exit_code if child else None
        if code is not None and code < 0:
            # Whoever was killed had no time for last words.
            self.reason = f"{self.member.name} was killed by {signal.Signals(-code).name}"
        else:
            words = child.last_words() if child else ""
            self.reason = f"{self.member.name} ended with {code}" + (f": {words}" if words else "")
        self._say(f"{self.reason} — starting it again in {delay(self.failures):g} s")
