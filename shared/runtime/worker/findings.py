"""The findings subscription of a line: each joins a problem, or goes on to the line it belongs to."""

import asyncio
import logging

from shared.adapters.kafka.producer import Producer
from shared.application.joining.joiner import Joiner
from shared.application.ports import OutboxFull, Unavailable
from shared.contract.envelope import FINDING, Unreadable, attribute, decode, encode, headers
from shared.contract.topics import LineTopic, line_topic
from shared.declaration.line import Line
from shared.domain.finding import Finding
from shared.domain.moments import Clock
from shared.runtime import metrics, tracing
from shared.runtime.worker.record import Record, Subscription

log = logging.getLogger(__name__)

PARENT_LOOKS = (0.1, 0.3, 1.0, 2.0)
"""Seconds between looks for the problem that a referral is a part of: it is a moment older, but
may stand in another partition."""
FLUSH_MOST = 1.0
"""Seconds between looks at the sightings that are due."""


def findings_subscription(
    namespace: str, declared: Line, joiner: Joiner, producer: Producer, clock: Clock
) -> Subscription:
    line, rules = declared.key, {rule.code for rule in declared.rules}

    def known(finding: Finding) -> str:
        return finding.rule if finding.rule in rules else "other"

    def count(finding: Finding, outcome: str) -> None:
        metrics.FINDINGS.labels(line, known(finding), outcome).inc()

    async def on_record(record: Record) -> None:
        finding = decode(Finding, FINDING, record.headers, record.value)
        id_ = attribute(record.headers, "id")
        if not id_:
            raise Unreadable("ce_id is needed: a finding that comes again is known by it")
        with tracing.span(f"finding {known(finding)}", None, "consumer", line=line) as told:
            if finding.line not in (None, line):
                await refer(finding, id_)
                told.say(outcome="referred")
                return
            joined = await joiner.take(finding, id_)
            told.say(outcome=joined.outcome, entry=joined.problem or "")
        count(finding, joined.outcome)
        if joined.refusal is not None:
            raise Unreadable(f"no problem can be made of it: {joined.refusal.detail}")

    async def refer(finding: Finding, id_: str) -> None:
        resolved = await joiner.resolve(finding)
        for pause in PARENT_LOOKS:
            if resolved is not None:
                break
            await asyncio.sleep(pause)
            resolved = await joiner.resolve(finding)
        if resolved is None:
            log.warning("the parent of finding %s is gone, its referral goes alone", id_)
            resolved = finding.model_copy(update={"parent": None})
        assert resolved.line is not None
        topic = line_topic(namespace, resolved.line, LineTopic.FINDINGS)
        described = headers(FINDING, line, id_, clock.now(), resolved.key)
        own = resolved.model_copy(update={"line": None})
        await producer.send(topic, own.key, encode(own), described)
        count(finding, "referred")

    return Subscription(line_topic(namespace, line, LineTopic.FINDINGS), on_record)


async def flush_sightings(joiner: Joiner) -> None:
    """Send the sightings that are due, until cancelled. A world that is away only delays it."""
    while True:
        pause = FLUSH_MOST
        try:
            due = await joiner.flush()
            pause = FLUSH_MOST if due is None else min(due, FLUSH_MOST)
        except (Unavailable, OutboxFull) as error:
            log.warning("sightings wait: %s", error)
        await asyncio.sleep(max(pause, 0.05))
