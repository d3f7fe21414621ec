"""Every topic, as data: its name, how many partitions, how long it keeps what.

Deployment creates topics from this table and services name them through it. A partition count is
fixed for the life of a topic: keys are spread by it, so a later change would break their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

PARTITIONS = 4
"""Of the topics that are spread by key: as many replicas of a line can share its work."""

GATEWAY = "gateway"
"""Has no ledgers, but dead letters of its own: what its projector cannot read."""

_DAY_MS = 24 * 3600 * 1000
_COMPACTED = {"cleanup.policy": "compact"}
_FOR_EVER = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}


def _kept(days: int) -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": str(days * _DAY_MS)}


class LineTopic(StrEnum):
    """What a line has a topic for; the value is the last part of the topic's name."""

    SIGNALS = "signals"
    FINDINGS = "findings"
    COMMANDS = "commands"
    LEDGER = "ledger"
    HISTORY = "history"
    DEAD_LETTERS = "dead-letters"


class SharedTopic(StrEnum):
    """What all lines and gateways share one topic for."""

    REPLIES = "replies"
    CHANGES = "changes"
    REGISTRY = "registry"


@dataclass(frozen=True)
class Topic:
    """One topic as deployment has to create it. `configs` are Kafka's own names and values."""

    name: str
    partitions: int
    configs: Mapping[str, str] = field(default_factory=dict)


_DEAD_LETTERS = _kept(days=90)
# Signals are the only large ones: two weeks outlast the longest public holiday.
_LINE_CONFIGS: Mapping[LineTopic, Mapping[str, str]] = {
    LineTopic.SIGNALS: _kept(days=14),
    LineTopic.FINDINGS: _kept(days=30),
    LineTopic.COMMANDS: _kept(days=30),
    LineTopic.LEDGER: _COMPACTED,
    LineTopic.HISTORY: _FOR_EVER,
    LineTopic.DEAD_LETTERS: _DEAD_LETTERS,
}


def line_topic(namespace: str, line: str, kind: LineTopic) -> str:
    """The name of one line's topic: `tenlines.dust.ledger`."""
    return f"{namespace}.{line}.{kind}"


def shared_topic(namespace: str, kind: SharedTopic) -> str:
    """The name of a topic of all: `tenlines.replies`."""
    return f"{namespace}.{kind}"


def consumer_group(namespace: str, service: str) -> str:
    """In which the replicas of a line, or of the gateway, share what they read: `tenlines.dust`."""
    return f"{namespace}.{service}"


def line_topics(namespace: str, line: str, partitions: int = PARTITIONS) -> list[Topic]:
    """All topics of one line. Dead letters lie in one partition: people read them in order."""
    return [
        Topic(
            name=line_topic(namespace, line, kind),
            partitions=1 if kind is LineTopic.DEAD_LETTERS else partitions,
            configs=configs,
        )
        for kind, configs in _LINE_CONFIGS.items()
    ]


def shared_topics(namespace: str, partitions: int = PARTITIONS) -> list[Topic]:
    """The topics of all. The changes lie in one partition: its offset is the event's id."""
    return [
        Topic(shared_topic(namespace, SharedTopic.REPLIES), partitions, _kept(days=30)),
        Topic(shared_topic(namespace, SharedTopic.CHANGES), 1, _kept(days=7)),
        Topic(shared_topic(namespace, SharedTopic.REGISTRY), 1, _COMPACTED),
        Topic(line_topic(namespace, GATEWAY, LineTopic.DEAD_LETTERS), 1, _DEAD_LETTERS),
    ]


def all_topics(namespace: str, lines: Iterable[str], partitions: int = PARTITIONS) -> list[Topic]:
    """Every topic of a system with these `lines` (keys, the coordinator's desk among them)."""
    of_lines = [topic for line in lines for topic in line_topics(namespace, line, partitions)]
    return [*of_lines, *shared_topics(namespace, partitions)]
