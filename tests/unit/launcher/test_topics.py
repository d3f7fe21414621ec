"""The topics' table keeps the promises that hang on it."""

from __future__ import annotations

from shared.contract.topics import LineTopic, all_topics, line_topic
from shared.declaration.county.keys import DESK_KEY, LINE_KEYS

_THIRTY_DAYS_MS = 30 * 24 * 3600 * 1000
TOPICS = {topic.name: topic for topic in all_topics("tenlines", (*LINE_KEYS, DESK_KEY))}


def test_every_line_and_the_desk_have_all_six() -> None:
    of_lines = {f"tenlines.{line}.{kind}" for line in (*LINE_KEYS, DESK_KEY) for kind in LineTopic}
    assert len(of_lines) == 66
    shared = {
        "tenlines.replies",
        "tenlines.changes",
        "tenlines.registry",
        "tenlines.gateway.dead-letters",
    }
    assert set(TOPICS) == of_lines | shared


def test_what_must_never_be_lost_is_kept_for_ever() -> None:
    for line in LINE_KEYS:
        assert TOPICS[f"tenlines.{line}.ledger"].configs == {"cleanup.policy": "compact"}
        history = TOPICS[f"tenlines.{line}.history"].configs
        assert (history["retention.ms"], history["retention.bytes"]) == ("-1", "-1")
    assert TOPICS["tenlines.registry"].configs == {"cleanup.policy": "compact"}


def test_dead_letters_replies_and_commands_outlast_a_month() -> None:
    kept = ["tenlines.replies", "tenlines.dust.dead-letters", "tenlines.dust.commands"]
    for name in kept:
        assert int(TOPICS[name].configs["retention.ms"]) >= _THIRTY_DAYS_MS


def test_partitions() -> None:
    assert TOPICS["tenlines.changes"].partitions == 1  # its offset is the event's id
    assert TOPICS[line_topic("tenlines", "dust", LineTopic.COMMANDS)].partitions == 4
