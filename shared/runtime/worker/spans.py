"""Which records were in hand when the process last died: remembered outside of it, by partition."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from shared.runtime.worker.record import Record


class Notes(Protocol):
    """Small facts that outlive the process, by key. Raises Unavailable."""

    async def get(self, key: str) -> dict[str, Any] | None: ...

    async def put(self, key: str, value: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True)
class Span:
    """Offsets `first` to `last`, both included."""

    first: int
    last: int

    def __contains__(self, offset: object) -> bool:
        return isinstance(offset, int) and self.first <= offset <= self.last


class Spans:
    """One note a batch and partition, not one a record: written before the batch is handled.

    A record inside the span that the last life left behind is a suspect: it may be what killed the
    process, even by `os._exit`, which no `except` sees.
    """

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._left: dict[tuple[str, int], Span | None] = {}

    def forget(self) -> None:
        """Partitions may have changed hands: look anew at what their last owner left."""
        self._left.clear()

    async def enter(self, batch: Iterable[Record]) -> set[Record]:
        """Note that these records are in hand now; those of them that are suspects."""
        by_partition: dict[tuple[str, int], list[Record]] = {}
        for record in batch:
            by_partition.setdefault((record.topic, record.partition), []).append(record)
        entered = await asyncio.gather(*map(self._enter, by_partition, by_partition.values()))
        return {suspect for suspects in entered for suspect in suspects}

    async def _enter(self, home: tuple[str, int], records: list[Record]) -> list[Record]:
        left = await self._left_behind(home)
        first = min(record.offset for record in records)
        last = max(record.offset for record in records)
        suspects = [record for record in records if left is not None and record.offset in left]
        if left is not None and first > left.last:
            self._left[home] = None
        elif left is not None and last >= left.first:
            # What is still to come of the old span stays suspect if this life ends too.
            last = max(last, left.last)
        await self._notes.put(_key(home), {"first": first, "last": last})
        return suspects

    async def _left_behind(self, home: tuple[str, int]) -> Span | None:
        if home not in self._left:
            note = await self._notes.get(_key(home))
            self._left[home] = Span(note["first"], note["last"]) if note else None
        return self._left[home]


def _key(home: tuple[str, int]) -> str:
    return f"in-hand:{home[0]}:{home[1]}"
