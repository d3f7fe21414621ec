"""History and receipts in memory, each filed in a step of its own."""

from collections.abc import Iterable

from shared.adapters.memory.store import Store
from shared.contract.messages import Answer, Change


async def file_away(store: Store, changes: Iterable[Change], answers: Iterable[Answer]) -> None:
    """As in the database: what was filed first stays, and a reader may come in between."""
    for change in changes:
        async with store.step("file.change"):
            store.history.setdefault((change.entry, change.version), change)
    for answer in answers:
        async with store.step("file.answer"):
            store.receipts.setdefault(answer.command, answer)
