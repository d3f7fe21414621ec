"""The clocks that processes run on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.domain.moments import Clock, to_utc_millis


class SystemClock:
    """The machine's wall clock."""

    def now(self) -> datetime:
        return to_utc_millis(datetime.now(UTC))


class OffsetClock:
    """The wall clock plus the seconds written in a file, so a test turns every process at once.

    A missing file means no offset; a file that holds no number is an error that says so.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stamp: tuple[int, int] | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        try:
            seen = self._file.stat()
            stamp = (seen.st_mtime_ns, seen.st_size)
        except FileNotFoundError:
            stamp, self._offset = None, timedelta()
        if stamp is not None and stamp != self._stamp:
            self._offset = timedelta(seconds=self._read())
        self._stamp = stamp
        return to_utc_millis(datetime.now(UTC) + self._offset)

    def _read(self) -> float:
        text = self._file.read_text().strip()
        try:
            return float(text or "0")
        except ValueError:
            raise ValueError(
                f"TENLINES_TEST_CLOCK: {self._file} holds {text[:40]!r}; write a number of seconds"
            ) from None


def clock_for(test_clock: Path | None) -> Clock:
    return OffsetClock(test_clock) if test_clock else SystemClock()
