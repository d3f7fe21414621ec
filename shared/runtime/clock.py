"""The clocks that processes run on."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.domain.moments import to_utc_millis

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock:
    """The machine's wall clock, and beside it the one that nobody can turn."""

    def now(self) -> datetime:
        return to_utc_millis(datetime.now(UTC))

    def steady(self) -> float:
        """Seconds since some moment; they go on while the machine sleeps."""
        return time.clock_gettime(_STEADY)


class OffsetClock:
    """The wall clock plus the seconds written in a file, so a test turns every process at once.

    A missing file means no offset; a file that holds no number is an error that says so. A second
    number is a jump of the wall clock alone: what somebody does who sets it wrong.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stamp: tuple[int, int] | None = None
        self._offset = timedelta()
        self._jump = timedelta()

    def now(self) -> datetime:
        self._look()
        return to_utc_millis(datetime.now(UTC) + self._offset + self._jump)

    def steady(self) -> float:
        self._look()
        return time.clock_gettime(_STEADY) + self._offset.total_seconds()

    def _look(self) -> None:
        try:
            seen = self._file.stat()
            stamp = (seen.st_mtime_ns, seen.st_size)
        except FileNotFoundError:
            stamp, self._offset, self._jump = None, timedelta(), timedelta()
        if stamp is not None and stamp != self._stamp:
            self._offset, self._jump = self._read()
        self._stamp = stamp

    def _read(self) -> tuple[timedelta, timedelta]:
        text = self._file.read_text().strip()
        try:
            offset, jump = [*map(float, text.split()), 0.0, 0.0][:2]
            return timedelta(seconds=offset), timedelta(seconds=jump)
        except ValueError:
            raise ValueError(
                f"TENLINES_TEST_CLOCK: {self._file} holds {text[:40]!r}; write a number of seconds"
            ) from None


def clock_for(test_clock: Path | None) -> SystemClock | OffsetClock:
    return OffsetClock(test_clock) if test_clock else SystemClock()
