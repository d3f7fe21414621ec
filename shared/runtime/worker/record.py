"""A record as a handler gets it, and who handles the records of a topic."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from shared.contract.envelope import Headers


@dataclass(frozen=True)
class Record:
    """One raw record; `timestamp` is the broker's, in milliseconds since 1970 (UTC)."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers = field(hash=False)
    timestamp: int = 0

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset}"


@dataclass(frozen=True)
class Subscription:
    """`handle` returns when the record's effect is durable; only then is it acknowledged.

    It may raise Unreadable (to the dead letters at once), Unavailable or OutboxFull (wait and try
    again), and anything else is a bug (three tries, then dead letters).
    """

    topic: str
    handle: Callable[[Record], Awaitable[None]]
    together: "Together | None" = None
    """Set: the records of a batch are handled by one call, in their order, unless one of them is
    under suspicion; subscriptions with the same `together` share the call."""


Together = Callable[[Sequence[Record]], Awaitable[None]]
"""Returns when the effect of all is durable. It sees to unreadable records itself."""
