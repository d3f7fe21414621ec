"""The read model as the process uses it: whatever is applied reaches every generation in use."""

import asyncio
import logging
from datetime import timedelta
from uuid import uuid4

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.counters import Marker
from shared.adapters.mongo.generations import Generations, Targets
from shared.adapters.mongo.leases import MongoLeases
from shared.adapters.mongo.read_model import Batch, ReadModel
from shared.application.ports import Unavailable
from shared.domain.context import Directory
from shared.domain.moments import Clock

log = logging.getLogger(__name__)
REFRESH_SECONDS = 1.0
"""Well below the time for which a switch goes on writing the old generation too."""
REBUILDING = "rebuild"
"""The lease of whoever builds a generation, or tidies up after one."""
KEPT = timedelta(minutes=10)
"""How long an old generation stays after a switch."""
SWEEP_EVERY = 15
"""Refreshes between two rounds of tidying."""


class LiveModel:
    """Follows the document that says which generations are in use."""

    def __init__(self, db: Database, directory: Directory, marker: Marker, clock: Clock) -> None:
        self.generations = Generations(db, clock)
        self._leases = MongoLeases(db, clock)
        self._db = db
        self._directory = directory
        self._marker = marker
        self._clock = clock
        self._models: dict[int, ReadModel] = {}
        self._targets: Targets | None = None

    async def refresh(self) -> Targets:
        """Look which generations are in use. Raises Unavailable."""
        self._targets = await self.generations.targets()
        return self._targets

    @property
    def known(self) -> bool:
        """Whether it has ever been able to look."""
        return self._targets is not None

    @property
    def current(self) -> ReadModel:
        """The one that is read. Raises Unavailable before the first look has succeeded."""
        if self._targets is None:
            raise Unavailable("which generation of the read model is live is not known yet")
        return self.model(self._targets.live)

    def suffix(self) -> str:
        return f"_{self.current.generation}"

    def model(self, generation: int) -> ReadModel:
        if generation not in self._models:
            self._models[generation] = ReadModel(
                self._db, generation, self._directory, self._marker, self._clock
            )
        return self._models[generation]

    async def apply(self, batch: Batch) -> None:
        """Durable in every generation in use when it returns. Raises Unavailable.

        The look comes after the write: whoever has put a generation into use by then relies on
        our writing it, and whoever does so later reads the topics up to a point behind us.
        """
        done: set[int] = set()
        targets = self._targets or await self.refresh()
        while True:
            for generation in targets.written:
                if generation not in done:
                    await self.model(generation).apply(batch)
                    done.add(generation)
            targets = await self.refresh()
            if done.issuperset(targets.written):
                return

    async def _tidy(self) -> None:
        """Recount what writers left marked; end and drop what no rebuild is working on."""
        left = await self.current.counters.recount_marked()
        if left:
            log.info("recounted cells that a writer left marked", extra={"cells": left})
        holder = f"tidying-{uuid4()}"
        if not await self._leases.acquire(REBUILDING, holder, 10):
            return
        try:
            found = await self.refresh()
            if found.also is not None or found.building is not None:
                log.warning("a rebuild did not come to its end; writing only what is live")
                await self.generations.end_building()
            for generation in sorted(await self.generations.drop_others(KEPT)):
                log.info("dropped an old generation", extra={"generation": generation})
        finally:
            await self._leases.release(REBUILDING, holder)

    async def follow(self) -> None:
        """Look again and again which generations are in use, and tidy; never ends."""
        rounds = 0
        while True:
            try:
                await self.refresh()
                if rounds % SWEEP_EVERY == 0:
                    await self._tidy()
                rounds += 1
            except Unavailable as error:
                log.warning("read model: %s", error)
            await asyncio.sleep(REFRESH_SECONDS)
