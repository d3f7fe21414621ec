"""A service does not start on a database that was only half put back."""

from shared.adapters.mongo.restore_note import RestoreNote
from shared.runtime.process import Fatal


async def check_whole(part: str, note: RestoreNote) -> None:
    """`part`: the line's key, or `gateway`. Raises Fatal, which says how to go on, and Unavailable."""
    said = await note.read()
    if said is not None:
        raise Fatal(
            f"{part} is being restored, or that was cut short. "
            f"Let `tenlines restore {said}` come to its end first."
        )
