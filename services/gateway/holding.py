"""What was read but cannot be finished yet. Its offsets are not committed before it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from aiokafka import TopicPartition

T = TypeVar("T")


@dataclass(frozen=True)
class Held(Generic[T]):
    home: TopicPartition
    offset: int
    since: datetime
    item: T


class Holding(Generic[T]):
    """Held items in the order in which they came."""

    def __init__(self) -> None:
        self._held: list[Held[T]] = []

    def __len__(self) -> int:
        return len(self._held)

    def add(self, home: TopicPartition, offset: int, since: datetime, item: T) -> None:
        self._held.append(Held(home, offset, since, item))

    def items(self) -> list[T]:
        return [held.item for held in self._held]

    def select(self, ready: Callable[[Held[T]], bool]) -> list[Held[T]]:
        """Those that are ready; they stay held until `release`."""
        return [held for held in self._held if ready(held)]

    def release(self, done: list[Held[T]]) -> None:
        gone = {id(held) for held in done}
        self._held = [held for held in self._held if id(held) not in gone]

    def floor(self, home: TopicPartition) -> int | None:
        """The first offset of this partition that is still held."""
        return min((held.offset for held in self._held if held.home == home), default=None)

    def clear(self) -> None:
        self._held.clear()
