"""The relay on the real broker: every version, in order, and never from a zombie."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka.structs import ConsumerRecord

from deploy.launcher.kafka import Kafka
from shared.adapters.kafka import Producer
from shared.adapters.memory.leases import MemoryLeases
from shared.adapters.memory.ledger import MemoryLedger
from shared.adapters.memory.outbox import MemoryOutbox
from shared.adapters.memory.store import Store, When
from shared.application.ports import Unavailable, Waiting
from shared.application.transfer import RECEIVE, RECEIVE_PART, handover
from shared.contract.envelope import CHANGE, COMMAND, ENTRY, decode
from shared.contract.messages import Change, Command, HandoverPart
from shared.domain.problem import Problem, Status
from shared.runtime.clock import SystemClock
from shared.runtime.relay import Relay, RelayState
from tests.contract.samples import (
    CLERK,
    START,
    after,
    applied,
    follow_up,
    grow,
    held,
    problem,
    refused,
    started,
)
from tests.integration.kafka.helpers import make_topics, read_topic, until

Found = Sequence[ConsumerRecord[bytes, bytes]]


def _relay(
    bootstrap: str,
    ns: str,
    store: Store,
    commands: Producer,
    replica: str = "0",
    outbox: MemoryOutbox | None = None,
) -> Relay:
    return Relay(
        namespace=ns,
        line="dust",
        replica=replica,
        bootstrap=bootstrap,
        outbox=outbox or MemoryOutbox(store),
        ledger=MemoryLedger(store),
        leases=MemoryLeases(store, SystemClock()),
        commands=commands,
        clock=SystemClock(),
        seconds=8.0,
    )


@asynccontextmanager
async def _running(relay: Relay) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(relay.run())
    try:
        yield task
    finally:
        begun = time.monotonic()
        task.cancel()
        await asyncio.wait({task}, timeout=10)
        assert task.done() and time.monotonic() - begun < 5, "the relay hangs at its end"


def _empty(store: Store) -> bool:
    return all(not stored.outbox for stored in store.entries.values())


def _versions(records: Found, key: str) -> list[int]:
    return [
        int(dict(record.headers)["ce_id"].rpartition(b":")[2])
        for record in records
        if record.key == key.encode()
    ]


async def test_every_version_is_published_once_in_order_and_filed(
    kafka_bootstrap: str, ns: str
) -> None:
    await make_topics(kafka_bootstrap, ns)
    store, commands = Store(), Producer(kafka_bootstrap, "test")
    ledger = MemoryLedger(store)
    relay = _relay(kafka_bootstrap, ns, store, commands)
    async with _running(relay):
        for name in ("p1", "p2", "p3"):
            await started(ledger, problem(name))
        for _ in range(20):
            for name in ("p1", "p2", "p3"):
                await grow(ledger, name, 2)
            relay.wake()
            await asyncio.sleep(0.005)
        before = await held(ledger, "p2")
        assert await ledger.refuse(before, refused(before.entry, "no"))
        await until(lambda: _empty(store), what="an empty outbox")
    assert relay.published == 3 * 41
    for kind, type_ in (("ledger", ENTRY), ("history", CHANGE)):
        records = await read_topic(kafka_bootstrap, f"{ns}.dust.{kind}", committed=True)
        for name in ("p1", "p2", "p3"):
            assert _versions(records, name) == list(range(1, 42)), kind
        assert {dict(record.headers)["ce_type"] for record in records} == {type_.encode()}
    assert decode(Change, CHANGE, records[-1].headers, records[-1].value).version == 41
    assert sorted(store.history) == [(n, v) for n in ("p1", "p2", "p3") for v in range(1, 42)]
    assert store.receipts["no"].outcome == "refused"
    await commands.stop()


async def test_what_was_written_is_published_at_once_when_the_relay_is_woken(
    kafka_bootstrap: str, ns: str
) -> None:
    await make_topics(kafka_bootstrap, ns)
    store, commands = Store(), Producer(kafka_bootstrap, "test")
    ledger = MemoryLedger(store)
    relay = _relay(kafka_bootstrap, ns, store, commands)
    took: list[float] = []
    async with _running(relay):
        await started(ledger)
        await until(lambda: _empty(store))
        for _ in range(9):
            await grow(ledger, "p1", 1)
            begun = time.monotonic()
            relay.wake()
            await until(lambda: _empty(store))
            took.append(time.monotonic() - begun)
    print(f"from write to published: median {sorted(took)[4] * 1000:.0f} ms")
    assert sorted(took)[4] < 0.2, "it waits for its next look"
    await commands.stop()


class _StallingOutbox(MemoryOutbox):
    """Stalls once after it has looked, as a process does that is swapped out."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.stalled, self.go_on = asyncio.Event(), asyncio.Event()

    async def waiting(self, limit: int) -> list[Waiting]:
        found = await super().waiting(limit)
        if found and not self.go_on.is_set():
            self.stalled.set()
            await self.go_on.wait()
        return found


async def test_a_stalled_relay_is_fenced_and_cannot_publish_an_old_version_after_a_new_one(
    kafka_bootstrap: str, ns: str
) -> None:
    await make_topics(kafka_bootstrap, ns)
    store, commands = Store(), Producer(kafka_bootstrap, "test")
    ledger = MemoryLedger(store)
    await started(ledger)
    await grow(ledger, "p1", 4)
    stalling = _StallingOutbox(store)
    zombie = _relay(kafka_bootstrap, ns, store, commands, "zombie", stalling)
    successor = _relay(kafka_bootstrap, ns, store, commands, "successor")
    async with _running(zombie), _running(successor):
        await asyncio.wait_for(stalling.stalled.wait(), 20)
        assert zombie.state is RelayState.LEADING
        store.leases.clear()  # it ran out meanwhile
        await until(lambda: _empty(store))
        await grow(ledger, "p1", 1)
        await until(lambda: _empty(store))
        assert successor.published == 6
        stalling.go_on.set()
        await until(lambda: zombie.state is RelayState.STANDBY)
        assert zombie.published == 0
        await grow(ledger, "p1", 1)
        await until(lambda: _empty(store))
        assert successor.state is RelayState.LEADING and successor.published == 7
    for kind in ("ledger", "history"):
        records = await read_topic(kafka_bootstrap, f"{ns}.dust.{kind}", committed=True)
        assert _versions(records, "p1") == list(range(1, 8))
    await commands.stop()


async def test_a_round_whose_end_is_unknown_is_repeated_and_the_newest_version_is_last(
    kafka_bootstrap: str, ns: str
) -> None:
    await make_topics(kafka_bootstrap, ns)
    cuts = 3

    def fault(step: str, when: When) -> None:
        nonlocal cuts
        if step == "clear" and when == "before" and cuts:
            cuts -= 1
            raise Unavailable("cut after the broker had it")

    store, commands = Store(fault=fault), Producer(kafka_bootstrap, "test")
    ledger = MemoryLedger(store)
    await started(ledger)
    await grow(ledger, "p1", 5)
    relay = _relay(kafka_bootstrap, ns, store, commands)
    async with _running(relay):
        await until(lambda: relay.state is RelayState.TROUBLE)
        assert "cut after" in relay.trouble
        await until(lambda: _empty(store))
        assert relay.state is RelayState.LEADING and not relay.trouble
    records = await read_topic(kafka_bootstrap, f"{ns}.dust.ledger", committed=True)
    assert _versions(records, "p1") == list(range(1, 7)) * 4
    await commands.stop()


async def test_a_broker_that_is_killed_delays_and_loses_nothing(own_kafka: Kafka, ns: str) -> None:
    await make_topics(own_kafka.address, ns)
    store, commands = Store(), Producer(own_kafka.address, "test")
    ledger = MemoryLedger(store)
    relay = _relay(own_kafka.address, ns, store, commands)
    async with _running(relay):
        await started(ledger)
        await until(lambda: _empty(store))
        own_kafka.kill()
        await grow(ledger, "p1", 10)
        relay.wake()
        await until(lambda: relay.state is RelayState.TROUBLE)
        own_kafka.restart()
        await until(lambda: _empty(store), seconds=60)
        await grow(ledger, "p1", 1)
        await until(lambda: _empty(store))
    for kind in ("ledger", "history"):
        records = await read_topic(own_kafka.address, f"{ns}.dust.{kind}", committed=True)
        versions = _versions(records, "p1")
        assert set(versions) == set(range(1, 13)) and versions[-1] == 12
    await commands.stop()


async def test_another_relay_takes_over_at_once_when_one_ends_cleanly(
    kafka_bootstrap: str, ns: str
) -> None:
    await make_topics(kafka_bootstrap, ns)
    store, commands = Store(), Producer(kafka_bootstrap, "test")
    first = _relay(kafka_bootstrap, ns, store, commands, "0")
    second = _relay(kafka_bootstrap, ns, store, commands, "1")
    async with _running(first):
        await until(lambda: first.state is RelayState.LEADING)
        async with _running(second) as task:
            await asyncio.sleep(0)
            await started(MemoryLedger(store))
            await until(lambda: _empty(store))
            assert second.state is RelayState.STANDBY and not task.done()
    async with _running(second):
        begun = time.monotonic()
        await until(lambda: second.state is RelayState.LEADING)
        assert time.monotonic() - begun < 5, "it waited for the lease to run out"
    await commands.stop()


async def test_a_handover_sends_history_and_answers_in_bounded_parts_before_the_problem(
    kafka_bootstrap: str, ns: str
) -> None:
    await make_topics(kafka_bootstrap, ns)
    store, commands = Store(), Producer(kafka_bootstrap, "test")
    ledger = MemoryLedger(store)
    await started(ledger)
    relay = _relay(kafka_bootstrap, ns, store, commands)
    async with _running(relay):
        for _ in range(3):  # an outbox holds 200
            await grow(ledger, "p1", 83)
            await until(lambda: _empty(store))
        before = await held(ledger)
        assert isinstance(before.entry, Problem)
        stub = after(before.entry, status=Status.MOVED, moved_to="dust")
        asked = Command(
            id="t1", kind=stub.kind, entry="p1", name="transfer", actor=CLERK, issued_at=START
        )
        moved = applied(stub, "t1", (handover(asked, before.entry, stub, START),))
        assert await ledger.write(before, stub, moved)
        await until(lambda: _empty(store))
        # Once more, as after a crash before the item was cleared.
        store.entries["p1"].outbox.append((999, moved))
        await until(lambda: _empty(store))

    records = await read_topic(kafka_bootstrap, f"{ns}.dust.commands")
    sent = [decode(Command, COMMAND, record.headers, record.value) for record in records]
    assert {record.key for record in records} == {b"p1"}
    half = len(sent) // 2
    assert sent[:half] == sent[half:], "a repeat is not the same"
    *parts, receive = sent[:half]
    assert receive.name == RECEIVE and {part.name for part in parts} == {RECEIVE_PART}
    assert len({command.id for command in sent}) == half
    assert all(len(record.value or b"") < 520_000 for record in records)
    bodies = [HandoverPart.model_validate(part.body) for part in parts]
    assert all(len(body.changes) <= 100 and len(body.answers) <= 100 for body in bodies)
    changes = [change["version"] for body in bodies for change in body.changes]
    assert changes == list(range(1, 252))
    assert len([answer for body in bodies for answer in body.answers]) == 251
    await commands.stop()


async def test_other_follow_ups_are_sent_before_the_item_is_cleared(
    kafka_bootstrap: str, ns: str
) -> None:
    await make_topics(kafka_bootstrap, ns)
    store, commands = Store(), Producer(kafka_bootstrap, "test")
    ledger, entry = MemoryLedger(store), problem()
    assert await ledger.create(entry, applied(entry, "c1", (("dust", follow_up("f1")),)))
    async with _running(_relay(kafka_bootstrap, ns, store, commands)):
        await until(lambda: _empty(store))
        (record,) = await read_topic(kafka_bootstrap, f"{ns}.dust.commands")
    assert decode(Command, COMMAND, record.headers, record.value) == follow_up("f1")
    assert record.key == b"p9"
    await commands.stop()
