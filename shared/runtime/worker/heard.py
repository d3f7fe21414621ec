"""Until when a line has heard everything: a rule may hold that something did not come only then.

After an outage hours of signals wait in the topic. A rule that is woken before they have had their
effect would call every device silent.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from shared.domain.moments import Clock


class Reading(Protocol):
    """How far the replicas of a line together have got."""

    async def look(self) -> Mapping[str, tuple[int, int]]:
        """Partition → (offset read next, offset of the next record). Raises Unavailable."""
        ...


class Heard:
    """Remembers where the topics ended, and sees the group reach it."""

    def __init__(self, reading: Reading, clock: Clock) -> None:
        self._reading = reading
        self._clock = clock
        self._until: datetime | None = None
        self._waits: tuple[datetime, dict[str, int]] | None = None
        """A moment, and where the topics ended then."""

    async def until(self) -> datetime | None:
        """Every signal that the broker had by then has had its effect; None: not known yet.
        Raises Unavailable."""
        now = self._clock.now()
        found = await self._reading.look()
        ends = {partition: end for partition, (_, end) in found.items()}
        if self._waits is not None and self._reached(self._waits[1], found):
            self._until, self._waits = self._waits[0], None
        if self._reached(ends, found):
            self._until, self._waits = now, None
        elif self._waits is None:
            # Under a steady stream nobody is ever at the end: later it is asked for this one.
            self._waits = (now, ends)
        return self._until

    def _reached(self, ends: Mapping[str, int], found: Mapping[str, tuple[int, int]]) -> bool:
        return all(found.get(partition, (0, 0))[0] >= end for partition, end in ends.items())
