"""Leases in memory."""

from datetime import datetime, timedelta

from shared.adapters.memory.store import Lease, Store
from shared.domain.moments import Clock

AHEAD = timedelta(minutes=1)
"""A lease taken this far in the future was taken by a clock that was wrong or turned back since."""


class MemoryLeases:
    """Implements Leases."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def acquire(self, name: str, holder: str, seconds: float) -> bool:
        async with self._store.step("acquire"):
            now = self._clock.now()
            held = self._store.leases.get(name)
            if held is not None and held.holder != holder and _stands(held, now):
                return False
            self._store.leases[name] = Lease(holder, now, now + timedelta(seconds=seconds))
            return True

    async def release(self, name: str, holder: str) -> None:
        async with self._store.step("release"):
            held = self._store.leases.get(name)
            if held is not None and held.holder == holder:
                del self._store.leases[name]


def _stands(lease: Lease, now: datetime) -> bool:
    return lease.until > now and lease.since <= now + AHEAD
