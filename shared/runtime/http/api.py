"""What the routers are made over: the same for a line and for the gateway."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shared.application.commanding import Commander
from shared.application.reads import Reads
from shared.contract.messages import LineCard
from shared.declaration.county.county import County
from shared.domain.moments import Clock, shanghai_day

Cards = Callable[[], Awaitable[Sequence[LineCard]]]
"""The lines that this service speaks for; raises Unavailable."""

BatchNumbers = Callable[[Sequence[str]], Awaitable[Mapping[str, int]]]
"""Problem ids → the numbers of the batches (批次) that published them; raises Unavailable."""


@dataclass(frozen=True)
class Api:
    reads: Reads
    commander: Commander
    county: County
    clock: Clock
    cards: Cards
    line: str | None
    """The line that this service is; None at the gateway, where the client names it."""

    batch_numbers: BatchNumbers | None = None
    """None at a line: batches are the gateway's."""

    def today(self) -> date:
        """The day in Asia/Shanghai."""
        return shanghai_day(self.clock.now())
