"""The rehearsal's clock: it stands where the signals are."""

from datetime import UTC, datetime

from shared.domain.moments import to_utc_millis


class PlayedClock:
    """Implements Clock; it only goes forward."""

    def __init__(self) -> None:
        self._now = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def reach(self, moment: datetime) -> None:
        self._now = max(self._now, to_utc_millis(moment))
