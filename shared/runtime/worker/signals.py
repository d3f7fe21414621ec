"""The signal subscriptions of a line: its own topic, and those of the lines it follows."""

import asyncio
import logging
from collections.abc import Sequence

from shared.application.ports import Unavailable
from shared.application.signals.events import SignalEvent, Signals
from shared.application.signals.ports import Taken
from shared.application.signals.runner import SignalRunner
from shared.contract.envelope import Unreadable
from shared.contract.topics import LineTopic, line_topic
from shared.contract.trace import Trace, of_record
from shared.declaration.line import Line
from shared.declaration.signal import SignalData
from shared.domain.moments import Clock
from shared.runtime import metrics, tracing
from shared.runtime.worker.heard import Heard
from shared.runtime.worker.record import Record, Subscription
from shared.runtime.worker.trial import Graveyard

log = logging.getLogger(__name__)

WAKE_EVERY = 5.0
"""Seconds between looks at what rules asked to be woken for: silence counts in hours."""


def signal_subscriptions(
    namespace: str,
    line: Line,
    signals: Signals,
    runner: SignalRunner,
    graveyard: Graveyard,
    clock: Clock,
) -> list[Subscription]:
    """All that rules read: signals, and other lines' problems. One batch goes through the rules in
    one call, whichever topics its records come from. None for a line that reads nothing."""

    age = metrics.SIGNAL_AGE.labels(line.key)

    async def together(records: Sequence[Record]) -> None:
        taken: list[Taken] = []
        spans: list[tracing.Span] = []
        """A batch goes through the rules as one, but each signal has its own trace."""
        unreadable: list[tuple[Record, Unreadable]] = []
        for record in records:
            try:
                event = signals.decode(record.headers, record.value, clock.now())
            except Unreadable as error:
                unreadable.append((record, error))
                continue
            if event is not None:
                name = f"signal {event.observed.name}"
                spans.append(tracing.begin(name, of_record(record.headers), "consumer"))
                taken.append(_taken(record, event, spans[-1].trace))
        with tracing.ending(*spans):
            copies = await runner.take(taken)
        # What is counted and buried comes after what may have to be tried again. The burials
        # together: a sender that sends nothing but rubbish must not hold up the others for long.
        await asyncio.gather(
            *(graveyard.bury(record, f"unreadable: {why}", tries=1) for record, why in unreadable)
        )
        now = clock.now()
        for each in taken:
            data = each.observed.data
            if isinstance(data, SignalData):
                age.observe(max(0.0, (now - data.observed_at).total_seconds()))
        own = sum(each.observed.line == line.key for each in taken)
        metrics.SIGNALS.labels(line.key, "unreadable").inc(len(unreadable))
        metrics.SIGNALS.labels(line.key, "copy").inc(copies)
        # Whether the line's own devices speak must not be hidden by those that it follows.
        metrics.SIGNALS.labels(line.key, "taken").inc(own - copies)
        metrics.SIGNALS.labels(line.key, "followed").inc(len(taken) - own)

    async def one(record: Record) -> None:
        await together([record])

    topics = [*signal_topics(namespace, line), *ledger_topics(namespace, line)]
    return [Subscription(topic, one, together) for topic in topics]


def signal_topics(namespace: str, line: Line) -> list[str]:
    """Where its own devices speak, and those of the lines that it follows."""
    heard = ((line.key,) if line.signals else ()) + line.follows
    return [line_topic(namespace, each, LineTopic.SIGNALS) for each in heard]


def ledger_topics(namespace: str, line: Line) -> list[str]:
    """Where the lines tell of their problems that its rules read of."""
    return [line_topic(namespace, each, LineTopic.LEDGER) for each in line.follows_problems]


def _taken(record: Record, event: SignalEvent, trace: Trace) -> Taken:
    return Taken(
        observed=event.observed,
        source=event.source,
        id=event.id,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        trace=trace,
    )


async def wake_rules(runner: SignalRunner, heard: Heard) -> None:
    """Wake what asked for it, until cancelled. A world that is away only delays it."""
    while True:
        try:
            until = await heard.until()
            while until is not None and await runner.wake(until):
                pass
        except Unavailable as error:
            log.warning("rules wait: %s", error)
        await asyncio.sleep(WAKE_EVERY)
