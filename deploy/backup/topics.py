"""The ledger and history topics of a stopped line, made anew from its database.

They are emptied, not deleted: their offsets go on, so that whoever follows them stands before what
is new, and no position that anybody remembers names another record than it did.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from deploy.backup.broker import as_they_are, empty
from deploy.backup.world import Office
from deploy.launcher.trouble import Trouble
from shared.adapters.kafka.errors import Fenced
from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.transactional import TransactionalProducer
from shared.adapters.mongo.restoring import changes_of, entries_of
from shared.contract.topics import LineTopic
from shared.runtime.told import change_record, entry_record

_RECORDS, _BYTES = 500, 4_000_000
"""Of one transaction."""


async def tell_anew(office: Office, line: str) -> tuple[int, int]:
    """(entries, changes) that the topics hold now. Raises Trouble and Unavailable."""
    topics = await as_they_are(
        office.kafka, office.topics(line, LineTopic.LEDGER, LineTopic.HISTORY)
    )
    # The line's own relay id: whatever a relay that stalled still holds, it may not publish.
    producer = TransactionalProducer(office.kafka, f"{office.namespace}.{line}.relay")
    try:
        await producer.open()
        await empty(office.kafka, topics)
        counts = []
        for what, records in (
            ("ledger", _entries(office, line)),
            ("history", _changes(office, line)),
        ):
            counts.append(await _publish(office, producer, f"{line}.{what}", records))
            office.say(f"  {line}.{what}: {counts[-1]}")
    except Fenced:
        raise Trouble(f"{line} was started meanwhile. Stop it, and restore it again.") from None
    finally:
        await producer.close()
    return counts[0], counts[1]


async def _entries(office: Office, line: str) -> AsyncIterator[Outbound]:
    async for entry in entries_of(office.database(line)):
        told = entry.model_dump(mode="json")
        yield entry_record(office.namespace, line, told, entry.updated_at)


async def _changes(office: Office, line: str) -> AsyncIterator[Outbound]:
    async for change in changes_of(office.database(line)):
        # What came along with a problem stands in the history of the line that it came from.
        if change.line == line:
            yield change_record(office.namespace, line, change)


async def _publish(
    office: Office, producer: TransactionalProducer, what: str, records: AsyncIterator[Outbound]
) -> int:
    count = size = 0
    waiting: list[Outbound] = []
    tell = office.counting(what)
    async for record in records:
        waiting.append(record)
        size += len(record.value or b"")
        if len(waiting) >= _RECORDS or size >= _BYTES:
            await producer.publish(waiting)
            count += len(waiting)
            waiting, size = [], 0
            tell(count)
    if waiting:
        await producer.publish(waiting)
    return count + len(waiting)
