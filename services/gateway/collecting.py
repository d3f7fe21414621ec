"""Clears away uploads that nobody attached. The gateway does it: its read model knows all entries.

A read model that is young, or behind, does not know them all yet; then nothing is cleared away.
What is once seen to be named is pinned for good, since evidence never leaves its problem.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from shared.application.files import KEPT, FileSweep, Named
from shared.application.ports import Leases, Unavailable
from shared.domain.moments import Clock

log = logging.getLogger(__name__)
COLLECTING = "collect-files"
LEASE_SECONDS = 300.0
EVERY_SECONDS = 600.0
BATCH = 200
BATCHES = 50
"""Of one round; what is left over waits for the next one."""


@dataclass(frozen=True)
class Collected:
    """What one round did. `swept`: remains of uploads and removals that were cut."""

    removed: int = 0
    pinned: int = 0
    swept: int = 0


class Collector:
    """`knows_since`: since when the read model that is read has been complete; None: it is not, or
    nobody can say. `holder` names this replica."""

    def __init__(
        self,
        files: FileSweep,
        named: Named,
        leases: Leases,
        clock: Clock,
        holder: str,
        knows_since: Callable[[], Awaitable[datetime | None]],
    ) -> None:
        self._files, self._named, self._leases = files, named, leases
        self._clock, self._holder, self._knows_since = clock, holder, knows_since

    async def round(self) -> Collected | None:
        """None when it is another replica's turn, or when not all entries are known. Raises
        Unavailable; what was done stays done."""
        if not await self._leases.acquire(COLLECTING, self._holder, LEASE_SECONDS):
            return None
        try:
            if not await self._knows():
                return None
            removed = pinned = 0
            for _ in range(BATCHES):
                looked, gone, kept = await self._batch()
                removed, pinned = removed + gone, pinned + kept
                if looked < BATCH or not await self._still_ours():
                    break
            return Collected(removed, pinned, await self._files.sweep(BATCH))
        finally:
            await self._leases.release(COLLECTING, self._holder)

    async def _batch(self) -> tuple[int, int, int]:
        """(files looked at, removed, pinned)"""
        over = await self._files.expired(BATCH)
        named = await self._named.named(over)
        await self._files.pin(sorted(named))
        # Whoever names or uploads one from now on is seen by the removal itself.
        gone = [await self._files.remove(sha256) for sha256 in over if sha256 not in named]
        return len(over), sum(gone), len(named)

    async def _knows(self) -> bool:
        since = await self._knows_since()
        return since is not None and since <= self._clock.now() - KEPT

    async def _still_ours(self) -> bool:
        return await self._leases.acquire(COLLECTING, self._holder, LEASE_SECONDS)

    async def run(self) -> None:
        """Round after round, for ever."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                done = await self.round()
            except Unavailable as error:
                log.warning("files are collected later: %s", error)
                continue
            if done is not None and done != Collected():
                log.info(
                    "collected files",
                    extra={"removed": done.removed, "pinned": done.pinned, "swept": done.swept},
                )
