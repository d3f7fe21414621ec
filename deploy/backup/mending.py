"""Problems that crossed between a restored line and others since: made to fit together again."""

from __future__ import annotations

from deploy.backup.parts import LINES
from deploy.backup.world import Office
from shared.adapters.kafka.outbound import Outbound
from shared.adapters.kafka.producer import Producer
from shared.adapters.mongo.crossing import Crossed, crossed, keep_lost, leave_stub
from shared.adapters.mongo.ledger import MongoLedger
from shared.application.transfer import handed_over
from shared.contract.envelope import COMMAND, encode, headers
from shared.contract.topics import LineTopic
from shared.runtime.handover_parts import parts_before


async def mend(office: Office, line: str) -> None:
    """Whatever `line` gave away since stays given away, whatever it got it gets again. Raises
    Unavailable."""
    db = office.database(line)
    others = {other: office.database(other) for other in LINES if other != line}
    producer = Producer(office.kafka, "tenlines-restore")
    try:
        async for found in crossed(db, line, others, office.county, office.clock):
            problem = found.problem
            if problem.moved_to == line:
                await keep_lost(db, found, office.clock)
                await producer.send_all(await _handover(office, line, found))
                office.say(f"  {problem.number}: comes again from {problem.line}")
            else:
                await leave_stub(db, found, office.county, office.clock)
                office.say(f"  {problem.number}: stays in {problem.line}, which went on with it")
    finally:
        await producer.stop()


async def _handover(office: Office, line: str, found: Crossed) -> list[Outbound]:
    source = found.problem.line
    ledger = MongoLedger(office.database(source), office.county, office.clock)
    (moved,) = await ledger.history(found.problem.id, found.problem.version - 1, 1)
    receive = handed_over(found.problem, moved)
    topic = office.topic(line, LineTopic.COMMANDS)
    return [
        Outbound(
            topic,
            command.entry.encode(),
            encode(command),
            headers(COMMAND, source, command.id, command.issued_at, command.entry),
        )
        for command in (*await parts_before(ledger, receive), receive)
    ]
