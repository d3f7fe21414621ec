"""What comes to a restored line again: all that devices and other lines said since its backup.

A restore drops what people did in the line since. Signals, findings, and what other lines told this
one are facts all the same: without them its rules would take every device for silent. Each is known
by its place or its own id, so whatever has had its effect has none now.
"""

from __future__ import annotations

from collections.abc import Callable

from deploy.backup.broker import Offsets, as_they_are, edges, home_of, send_again, stand
from deploy.backup.manifest import Positions
from deploy.backup.world import Office
from deploy.lines import line_of
from shared.adapters.kafka.generation import cluster_id
from shared.adapters.kafka.outbound import Outbound
from shared.adapters.mongo.memories import MongoMemories
from shared.adapters.mongo.meta import MongoMeta
from shared.contract.envelope import attribute
from shared.contract.topics import LineTopic
from shared.declaration.county.keys import DESK_KEY, LINE_KEYS
from shared.runtime.worker.same_topics import OtherTopics, check_same_topics, forget_positions
from shared.runtime.worker.signals import ledger_topics, signal_topics


async def hear_again(office: Office, line: str, known: Positions | None, people: bool) -> None:
    """`people`: what people asked of the line comes again too. Raises Trouble and Unavailable."""
    await _stand_in_these_topics(office, line)
    if known is None or known.cluster != await cluster_id(office.kafka):
        office.say(
            f"  {line}: the backup knows no positions in these topics, so nothing comes again"
        )
        return
    queues = await as_they_are(
        office.kafka, office.topics(line, LineTopic.COMMANDS, LineTopic.FINDINGS)
    )
    kept, ends = await edges(office.kafka, queues)
    read = {at: max(known.read[at], first) for at, first in kept.items() if at in known.read}
    if any(read[at] > known.read[at] for at in read):
        office.say(f"  {line}: the topics do not reach back to the backup; what is older is gone")
    wanted = _wanted(office, line, known.ends, people)
    count = await send_again(office.kafka, read, ends, wanted)
    office.say(f"  {line}: {count} findings and commands come again")
    heard = {
        at: o for at, o in known.read.items() if home_of(at).topic not in {t.name for t in queues}
    }
    await stand(office.kafka, office.group(line), heard)


def _wanted(
    office: Office, line: str, backup_ended: Offsets, people: bool
) -> Callable[[str, int, Outbound], bool]:
    """Whether a record comes again. What people asked of the line does while the backup was being
    made: what it led to may be in one collection of it and not in another."""
    commands = office.topic(line, LineTopic.COMMANDS)
    others = {*LINE_KEYS, DESK_KEY} - {line}

    def wanted(at: str, offset: int, record: Outbound) -> bool:
        return (
            people
            or record.topic != commands
            or offset < backup_ended.get(at, 0)
            or attribute(record.headers, "source") in others
        )

    return wanted


async def _stand_in_these_topics(office: Office, line: str) -> None:
    """Positions of other topics than these would let the rules pass over what is new."""
    db, declared = office.database(line), line_of(line)
    topics = [
        *signal_topics(office.namespace, declared),
        *ledger_topics(office.namespace, declared),
    ]
    memories, meta = MongoMemories(db), MongoMeta(db)
    try:
        await check_same_topics(line, office.kafka, topics, memories, meta)
    except OtherTopics:
        count = await forget_positions(memories, meta)
        office.say(f"  {line}: other topics than before, {count} states let go of their positions")
