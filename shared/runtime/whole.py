"""A service does not start on a database that was only half put back."""

from shared.adapters.mongo.restore_note import RestoreNotes
from shared.runtime.process import Fatal


async def check_whole(notes: RestoreNotes) -> None:
    """Raises Fatal, which says how to go on, and Unavailable."""
    if (trouble := await notes.trouble()) is not None:
        raise Fatal(trouble)
