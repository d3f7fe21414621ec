"""Runs a world until somebody ends it: starts it, keeps it running, tells how it is, stops it."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType

from deploy.launcher import logs, state
from deploy.launcher.lock import Lock
from deploy.launcher.state import Report
from deploy.launcher.trouble import Trouble
from deploy.launcher.world import World

_TRIES = 3
"""A process that crashes so often before all was ready once will not come up by itself."""
_LOOK_SECONDS = 0.2
_BOUND_SECONDS = 5.0


class _Stop(BaseException):
    """Somebody asked us to end (Ctrl-C, `make down`)."""


def _raise_stop(_number: int, _frame: FrameType | None) -> None:
    raise _Stop


class Supervisor:
    """The one that holds a folder's lock and watches its world."""

    def __init__(
        self,
        world: World,
        say: Callable[[str], None],
        watch: Callable[[World], None],
        before_end: Callable[[], None] = lambda: None,
    ) -> None:
        """`say` prints one line; `watch` is called often while the world starts; `before_end` once,
        while everything still runs that will be ended."""
        self._world = world
        self._say = say
        self._watch = watch
        self._before_end = before_end
        self._lock = Lock(world.places.lock)
        self._report = world.places.state
        self._told: Report | None = None

    def run(self, on_ready: Callable[[World], None]) -> None:
        """Run until SIGINT or SIGTERM, then end everything cleanly and return.

        `on_ready` is called once, when all processes are ready. Raises Trouble when the world
        does not come up; whatever runs by then has been ended.
        """
        self._lock.take()
        try:
            with _asked_to_stop(_raise_stop):
                self._world.check_ports()
                self._tell("starting")
                self._world.start(tries=_TRIES, watch=self._while_starting)
                self._tell("ready")
                on_ready(self._world)
                self._watch_for_ever()
        except _Stop:
            self._end("stopping")
        except (Trouble, OSError) as error:
            trouble = _as_trouble(error, self._world)
            self._end("failed", str(trouble))
            raise trouble from None
        except BaseException:
            self._world.kill_all()
            raise
        finally:
            self._lock.release()

    def _while_starting(self) -> None:
        self._tell("starting")
        self._watch(self._world)

    def _watch_for_ever(self) -> None:
        bound_at = 0.0
        while True:
            self._world.tick()
            self._tell("ready")
            if time.monotonic() > bound_at:
                bound_at = time.monotonic() + _BOUND_SECONDS
                for log in self._world.places.logs.glob("*.log"):
                    logs.bound(log)
            time.sleep(_LOOK_SECONDS)

    def _end(self, phase: str, trouble: str = "") -> None:
        self._tell(phase, trouble)
        self._before_end()
        self._say("stopping: services first, then the engines (Ctrl-C again: at once)")
        with _asked_to_stop(lambda _number, _frame: self._world.kill_all()):
            self._world.stop()
        self._tell(phase, trouble)

    def _tell(self, phase: str, trouble: str = "") -> None:
        report = Report(phase, state.rows(self._world.keepers.values()), trouble)
        if report != self._told:
            report.write(self._report)
            self._told = report


def _as_trouble(error: Trouble | OSError, world: World) -> Trouble:
    """A full disk or a folder that is not ours is no reason for a traceback."""
    if isinstance(error, Trouble):
        return error
    return Trouble(f"{error}. Tenlines must be able to write in {world.places.home}.")


@contextlib.contextmanager
def _asked_to_stop(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """SIGINT and SIGTERM call `handler` within."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
