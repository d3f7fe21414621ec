"""Commands by topic: decoded, handled once in order, answered to who waits."""

from __future__ import annotations

import asyncio
import json

import pytest
from click.testing import CliRunner

from deploy.cli import main as tenlines
from shared.adapters.kafka import Producer
from shared.contract.envelope import COMMAND, REPLY, decode, encode, headers
from shared.contract.messages import Answer, Command
from shared.runtime.clock import SystemClock
from shared.runtime.dead_letters import DeadLetterWriter
from shared.runtime.worker.commands import ReplySender, command_subscription
from shared.runtime.worker.worker import Worker
from tests.contract.samples import START, applied, follow_up, problem
from tests.integration.kafka.helpers import (
    MemoryTries,
    committed_offsets,
    make_topics,
    read_topic,
    running,
    until,
)


async def _send(producer: Producer, topic: str, command: Command, key: str | None = None) -> None:
    described = headers(COMMAND, "gateway", command.id, START, command.entry)
    await producer.send(topic, key or command.entry, encode(command), described)


async def test_a_command_is_handled_and_answered_to_who_waits(
    kafka_bootstrap: str, ns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_topics(kafka_bootstrap, ns, partitions=1)
    topic, producer = f"{ns}.dust.commands", Producer(kafka_bootstrap, "test")
    handled: list[str] = []

    async def handle(command: Command) -> Answer:
        handled.append(command.id)
        return applied(problem(), command.id).answer

    clock, store = SystemClock(), MemoryTries()
    graveyard = DeadLetterWriter(producer, f"{ns}.dust.dead-letters", clock)
    worker = Worker(
        bootstrap=kafka_bootstrap,
        group=f"{ns}.dust",
        replica="0",
        subscriptions=[command_subscription(ns, "dust", handle, ReplySender(producer, ns))],
        tries=store,
        notes=store,
        graveyard=graveyard,
        clock=clock,
    )
    asked = follow_up("asks").model_copy(update={"reply": True})
    await _send(producer, topic, asked)
    await _send(producer, topic, follow_up("silent"))
    await _send(producer, topic, follow_up("astray"), key="another entry")
    await producer.send(topic, "p9", b'{"id": 1}', headers(COMMAND, "x", "bad", START, "p9"))
    async with running(worker):
        await until(lambda: handled == ["asks", "silent"] and graveyard.buried == 2)
    assert await committed_offsets(kafka_bootstrap, f"{ns}.dust", topic) == 4
    (reply,) = await read_topic(kafka_bootstrap, f"{ns}.replies")
    assert reply.key == b"asks"
    assert decode(Answer, REPLY, reply.headers, reply.value) == applied(problem(), "asks").answer

    monkeypatch.setenv("TENLINES_KAFKA", kafka_bootstrap)
    monkeypatch.setenv("TENLINES_NAMESPACE", ns)
    bad = await asyncio.to_thread(_look_and_replay)
    records = await read_topic(kafka_bootstrap, topic)
    assert [record.value for record in records[4:]] == [records[3].value]
    assert dict(records[4].headers)["replayed-from"] == f"{ns}.dust.dead-letters:{bad}".encode()
    await producer.stop()


def _look_and_replay() -> str:
    """What an operator does at the command line; the name of the letter that was replayed."""
    cli = CliRunner()

    def run(*arguments: str, code: int = 0) -> str:
        result = cli.invoke(tenlines, ["dead-letters", *arguments])
        assert result.exit_code == code, result.output
        return result.output

    listed = run("list", "dust")
    assert "2 dead letters of dust" in listed and "not the entry's id" in listed
    letters = [json.loads(line) for line in run("list", "dust", "--json").splitlines()]
    assert sorted(letter["offset"] for letter in letters) == [2, 3]
    (bad,) = [letter["letter"] for letter in letters if letter["offset"] == 3]
    shown = json.loads(run("show", "dust", "--offset", bad))
    assert shown["value"] == '{"id": 1}' and shown["headers"]["ce_id"] == "bad"
    assert "no dead letter 0:9" in run("show", "dust", "--offset", "0:9", code=1)
    assert "is LINE the key" in run("list", "nowhere", code=1)
    assert "give either" in run("replay", "dust", code=2)
    assert "1 sent again, 0 not" in run("replay", "dust", "--offset", bad)
    return str(bad)
