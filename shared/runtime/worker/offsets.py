"""What may be committed of one partition: everything before the first record still in hand."""


class Offsets:
    """Offsets of one partition from their delivery to their end.

    Gaps between delivered offsets (compacted or aborted records) need no care: what was never
    delivered is never waited for.
    """

    def __init__(self) -> None:
        self._in_hand: set[int] = set()
        self._next: int | None = None

    def delivered(self, offset: int) -> None:
        """`offset` is on its way to a handler; after a seek back it may come again."""
        self._in_hand.add(offset)
        self._next = max(self._next or 0, offset + 1)

    def finished(self, offset: int) -> None:
        self._in_hand.discard(offset)

    @property
    def in_hand(self) -> int:
        """How many records are delivered and not finished."""
        return len(self._in_hand)

    @property
    def committable(self) -> int | None:
        """The offset that a successor may start from; None when nothing was delivered yet."""
        return min(self._in_hand) if self._in_hand else self._next
