"""Counts of tries in memory; the store survives the processes that begin and crash."""

from shared.adapters.memory.store import Store


class MemoryTries:
    """Implements Tries."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, topic: str, partition: int, offset: int) -> int:
        async with self._store.step("begin"):
            tries = self._store.tries.get((topic, partition, offset), 0) + 1
            self._store.tries[topic, partition, offset] = tries
            return tries

    async def done(self, topic: str, partition: int, offset: int) -> None:
        async with self._store.step("done"):
            self._store.tries.pop((topic, partition, offset), None)
