"""How full the database's own disk is, as far as the server says."""

from shared.adapters.mongo.client import Database
from shared.adapters.mongo.trouble import reaches


@reaches
async def disk_of(db: Database) -> tuple[int, int] | None:
    """(free, total) bytes of the disk under the database; None where the server does not tell.

    Raises Unavailable.
    """
    said = await db.command("dbStats")
    total, used = said.get("fsTotalSize"), said.get("fsUsedSize")
    return (int(total - used), int(total)) if total and used is not None else None
