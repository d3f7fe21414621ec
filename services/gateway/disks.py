"""How full the disks are that the county's data lies on, as gauges."""

import asyncio
import shutil
import tempfile

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.disk import disk_of
from shared.runtime import metrics


class DiskLook:
    """A look: the database's disk, as MongoDB tells it, and ours, where uploads lie until they are
    stored."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def __call__(self) -> None:
        ours = await asyncio.to_thread(shutil.disk_usage, tempfile.gettempdir())
        sizes = {"uploads": (ours.free, ours.total)}
        if (database := await disk_of(self._db)) is not None:
            sizes["database"] = database
        metrics.DISK_FREE.show({(of,): free for of, (free, _) in sizes.items()})
        metrics.DISK_SIZE.show({(of,): total for of, (_, total) in sizes.items()})
