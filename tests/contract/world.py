"""One line's database as the contract tests see it, whichever adapter is behind it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.application.ports import Leases, Ledger, Outbox, Tries
from shared.domain.verification import Verification
from tests.fakes.timing import TIMING


class TurnedClock:
    """Stands still until a test turns it."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def turn(self, by: timedelta) -> None:
        self._now += by


@dataclass
class World:
    ledger: Ledger
    outbox: Outbox
    leases: Leases
    tries: Tries
    clock: TurnedClock
    size: Callable[[str], Awaitable[int]]
    """Outbox items that an entry's document holds."""


class County:
    """A directory that knows what the samples name."""

    timing = TIMING
    verification = Verification()

    def town_name(self, code: str) -> str | None:
        return {"370828105": "鱼山街道"}.get(code)

    def unit_name(self, code: str) -> str | None:
        return {"housing": "县住房城乡建设局"}.get(code) or self.town_name(code)

    def has_clause(self, clause: str) -> bool:
        return clause == "14.1"

    def contains(self, lon: float, lat: float) -> bool:
        return True

    def line_name(self, key: str) -> str | None:
        return {"dust": "扬尘"}.get(key)
