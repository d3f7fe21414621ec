"""The Faust worker on the real broker: nothing is lost, nothing is skipped, nothing hangs."""

from __future__ import annotations

import asyncio

import pytest

from shared.adapters.kafka import Producer
from shared.application.ports import OutboxFull, Unavailable
from shared.contract.envelope import Unreadable
from shared.runtime.dead_letters import read_dead_letters, replay
from shared.runtime.worker.record import Record
from shared.runtime.worker.trial import HandlingFailed, TooManyFailures
from shared.runtime.worker.watchdog import Stalled
from shared.runtime.worker.worker import Worker
from tests.integration.kafka.helpers import (
    MemoryTries,
    committed_offsets,
    make_topics,
    new_worker,
    read_topic,
    running,
    send_numbers,
    until,
)


async def test_a_crash_in_the_handler_loses_none_and_redelivers(
    kafka_bootstrap: str, ns: str
) -> None:
    """The row of faust.md's table: 60 events, one raise at number 25, then a new life."""
    await make_topics(kafka_bootstrap, ns, partitions=1)
    topic = f"{ns}.dust.commands"
    await send_numbers(kafka_bootstrap, topic, range(60))
    store, handled, crashes = MemoryTries(), list[int](), 0
    producer = Producer(kafka_bootstrap, "test")

    async def handle(record: Record) -> None:
        nonlocal crashes
        number = int(record.value or b"")
        if number == 25 and crashes == 0:
            crashes += 1
            raise RuntimeError("a bug at 25")
        handled.append(number)

    first = new_worker(kafka_bootstrap, ns, handle, store, producer)
    async with running(first) as task:
        await until(task.done)
        assert isinstance(task.exception(), HandlingFailed)
        said = str(task.exception())
        assert "@25: RuntimeError" in said and "a bug at" not in said, "where, never what"
    assert 25 not in handled
    assert await committed_offsets(kafka_bootstrap, f"{ns}.dust", topic) == 25

    async with running(new_worker(kafka_bootstrap, ns, handle, store, producer)):
        await until(lambda: set(handled) == set(range(60)))
    assert await committed_offsets(kafka_bootstrap, f"{ns}.dust", topic) == 60
    assert await read_topic(kafka_bootstrap, f"{ns}.dust.dead-letters") == []
    await producer.stop()


async def test_a_record_that_nobody_can_read_goes_to_the_dead_letters_at_once(
    kafka_bootstrap: str, ns: str
) -> None:
    await make_topics(kafka_bootstrap, ns, partitions=1)
    store, handled = MemoryTries(), list[int]()
    producer = Producer(kafka_bootstrap, "test")
    headers = [("ce_type", b"who knows"), ("ce_id", b"\xff\xfe")]
    await producer.send(f"{ns}.dust.commands", "a", b"\x00 not a number", headers)
    await producer.send(f"{ns}.dust.commands", None, b"7", [])

    async def handle(record: Record) -> None:
        try:
            handled.append(int(record.value or b""))
        except ValueError as error:
            raise Unreadable(f"not a number: {error}") from None

    async with running(new_worker(kafka_bootstrap, ns, handle, store, producer)):
        await until(lambda: handled == [7])
    letters = [x async for x in read_dead_letters(kafka_bootstrap, f"{ns}.dust.dead-letters")]
    assert [(x.key, x.value, x.headers) for x in letters] == [(b"a", b"\x00 not a number", headers)]
    assert letters[0].topic == f"{ns}.dust.commands" and letters[0].origin == (0, 0)
    assert letters[0].reason.startswith("unreadable: not a number") and letters[0].tries == 1
    assert await committed_offsets(kafka_bootstrap, f"{ns}.dust", f"{ns}.dust.commands") == 2
    await producer.stop()


async def test_a_record_too_large_to_be_kept_beside_its_reason_is_named_all_the_same(
    kafka_bootstrap: str, ns: str
) -> None:
    await make_topics(kafka_bootstrap, ns, partitions=1)
    store = MemoryTries()
    producer = Producer(kafka_bootstrap, "test")
    await producer.send(f"{ns}.dust.commands", "a", b"x" * 1_048_300, [])

    async def handle(record: Record) -> None:
        raise Unreadable("far too large")

    async with running(new_worker(kafka_bootstrap, ns, handle, store, producer)) as task:
        while not await read_topic(kafka_bootstrap, f"{ns}.dust.dead-letters"):
            assert not task.done(), task.exception()
    (letter,) = [x async for x in read_dead_letters(kafka_bootstrap, f"{ns}.dust.dead-letters")]
    assert letter.cut and letter.value == b"" and letter.origin == (0, 0)
    with pytest.raises(ValueError, match="its original stands in"):
        await replay(producer, "source", letter, {letter.topic})
    await producer.stop()


async def test_the_third_try_of_a_bug_goes_to_the_dead_letters(
    kafka_bootstrap: str, ns: str
) -> None:
    await make_topics(kafka_bootstrap, ns, partitions=1)
    await send_numbers(kafka_bootstrap, f"{ns}.dust.commands", range(20))
    store, handled, tries = MemoryTries(), set[int](), 0
    producer = Producer(kafka_bootstrap, "test")

    async def handle(record: Record) -> None:
        nonlocal tries
        number = int(record.value or b"")
        if number == 7:
            tries += 1
            raise RuntimeError("a bug at 7")
        handled.add(number)

    for _ in range(2):
        async with running(new_worker(kafka_bootstrap, ns, handle, store, producer)) as task:
            await until(task.done)
            assert isinstance(task.exception(), HandlingFailed)
    async with running(new_worker(kafka_bootstrap, ns, handle, store, producer)):
        await until(lambda: handled == set(range(20)) - {7})
    assert tries == 3
    (letter,) = [x async for x in read_dead_letters(kafka_bootstrap, f"{ns}.dust.dead-letters")]
    assert (letter.value, letter.tries) == (b"7", 3)
    assert "RuntimeError: a bug at 7" in letter.reason
    assert store.counts == {}

    known = {f"{ns}.dust.commands"}
    assert await replay(producer, "there", letter, known) == f"{ns}.dust.commands"
    again = (await read_topic(kafka_bootstrap, f"{ns}.dust.commands"))[-1]
    assert (again.key, again.value) == (letter.key, b"7")
    assert ("replayed-from", b"there:0:0") in again.headers
    with pytest.raises(ValueError, match="does not read"):
        await replay(producer, "there", letter, {"another"})
    await producer.stop()


async def test_many_distinct_failures_stop_the_worker_instead_of_burying_everything(
    kafka_bootstrap: str, ns: str
) -> None:
    await make_topics(kafka_bootstrap, ns, partitions=1)
    await send_numbers(kafka_bootstrap, f"{ns}.dust.commands", range(30))
    store = MemoryTries()
    producer = Producer(kafka_bootstrap, "test")

    async def handle(record: Record) -> None:
        raise RuntimeError("everything is broken")

    reason: BaseException | None = None
    for _ in range(40):
        async with running(new_worker(kafka_bootstrap, ns, handle, store, producer)) as task:
            await until(task.done)
            reason = task.exception()
        if isinstance(reason, TooManyFailures):
            break
    assert isinstance(reason, TooManyFailures) and "dead-letters list" in str(reason)
    letters = await read_topic(kafka_bootstrap, f"{ns}.dust.dead-letters")
    assert [int(letter.value or b"") for letter in letters] == list(range(10))
    await producer.stop()


async def test_one_keys_records_are_handled_in_order_and_keys_side_by_side(
    kafka_bootstrap: str, ns: str
) -> None:
    await make_topics(kafka_bootstrap, ns, partitions=2)
    await send_numbers(kafka_bootstrap, f"{ns}.dust.commands", range(300), keys=6)
    seen: dict[bytes, list[int]] = {}
    producer, busy, most = Producer(kafka_bootstrap, "test"), set[bytes](), 0

    async def handle(record: Record) -> None:
        nonlocal most
        assert record.key is not None and record.key not in busy, "two records of a key at once"
        busy.add(record.key)
        most = max(most, len(busy))
        await asyncio.sleep(0.001)
        busy.discard(record.key)
        seen.setdefault(record.key, []).append(int(record.value or b""))

    async with running(new_worker(kafka_bootstrap, ns, handle, MemoryTries(), producer)):
        await until(lambda: sum(map(len, seen.values())) >= 300)
    assert seen == {str(k).encode(): list(range(k, 300, 6)) for k in range(6)}
    assert most > 1, "the keys were handled one after the other"
    await producer.stop()


@pytest.mark.parametrize("trouble", [Unavailable("database away"), OutboxFull("no room")])
async def test_trouble_outside_the_record_is_waited_out_and_not_counted(
    kafka_bootstrap: str, ns: str, trouble: Exception
) -> None:
    await make_topics(kafka_bootstrap, ns, partitions=1)
    await send_numbers(kafka_bootstrap, f"{ns}.dust.commands", range(5))
    store, handled, left = MemoryTries(), list[int](), 4
    producer = Producer(kafka_bootstrap, "test")

    async def handle(record: Record) -> None:
        nonlocal left
        if left and record.value == b"2":
            left -= 1
            raise trouble
        handled.append(int(record.value or b""))

    worker = new_worker(kafka_bootstrap, ns, handle, store, producer)
    async with running(worker) as task:
        await until(lambda: worker.waiting)
        await until(lambda: sorted(handled) == list(range(5)))
        assert not worker.waiting and not task.done()
    assert store.counts == {}
    await producer.stop()


async def test_a_database_that_stays_away_ends_the_worker_and_is_not_counted_as_a_bug(
    kafka_bootstrap: str, ns: str
) -> None:
    await make_topics(kafka_bootstrap, ns, partitions=1)
    await send_numbers(kafka_bootstrap, f"{ns}.dust.commands", range(3))
    store, away, handled = MemoryTries(), True, list[int]()
    producer = Producer(kafka_bootstrap, "test")

    async def handle(record: Record) -> None:
        if away:
            raise Unavailable("database away")
        handled.append(int(record.value or b""))

    for _ in range(4):
        worker = new_worker(kafka_bootstrap, ns, handle, store, producer, unavailable_seconds=0.3)
        async with running(worker) as task:
            await until(task.done)
            assert isinstance(task.exception(), Unavailable)
    away = False
    async with running(new_worker(kafka_bootstrap, ns, handle, store, producer)):
        await until(lambda: sorted(handled) == [0, 1, 2])
    assert await read_topic(kafka_bootstrap, f"{ns}.dust.dead-letters") == []
    await producer.stop()


async def test_a_stream_that_stands_still_while_records_wait_ends_the_worker(
    kafka_bootstrap: str, ns: str
) -> None:
    await make_topics(kafka_bootstrap, ns, partitions=1)
    await send_numbers(kafka_bootstrap, f"{ns}.dust.commands", range(3))
    producer = Producer(kafka_bootstrap, "test")

    async def handle(record: Record) -> None:
        await asyncio.Event().wait()

    worker = new_worker(kafka_bootstrap, ns, handle, MemoryTries(), producer, stall_seconds=2.0)
    async with running(worker) as task:
        await until(task.done)
        assert isinstance(task.exception(), Stalled)
        assert "3 are in hand" in str(task.exception())
    await producer.stop()


async def test_a_release_that_reads_another_topic_gets_its_records(
    kafka_bootstrap: str, ns: str
) -> None:
    """The member is static: without a name of its own it would be given its old partitions."""
    await make_topics(kafka_bootstrap, ns)
    store, handled = MemoryTries(), list[str]()
    producer = Producer(kafka_bootstrap, "test")

    async def handle(record: Record) -> None:
        handled.append(f"{record.topic.rpartition('.')[2]} {int(record.value or b'')}")

    await producer.send(f"{ns}.dust.commands", "a", b"1", [])
    async with running(new_worker(kafka_bootstrap, ns, handle, store, producer)):
        await until(lambda: handled == ["commands 1"])
    later = new_worker(kafka_bootstrap, ns, handle, store, producer, also=(f"{ns}.dust.signals",))
    await producer.send(f"{ns}.dust.signals", "a", b"2", [])
    await producer.send(f"{ns}.dust.commands", "a", b"3", [])
    async with running(later):
        await until(lambda: sorted(handled) == ["commands 1", "commands 3", "signals 2"], 40)
    await producer.stop()


async def test_a_replica_that_comes_back_under_its_name_disturbs_no_other(
    kafka_bootstrap: str, ns: str
) -> None:
    """Static membership: an update goes through all replicas of a line, and each of them would
    otherwise stop all the others twice."""
    await make_topics(kafka_bootstrap, ns)
    topic, store, producer = f"{ns}.dust.commands", MemoryTries(), Producer(kafka_bootstrap, "test")
    handled: dict[str, set[int]] = {"a": set(), "b": set()}

    def replica(name: str) -> Worker:
        async def handle(record: Record) -> None:
            handled[name].add(int(record.value or b""))

        return new_worker(kafka_bootstrap, ns, handle, store, producer, replica=name)

    def shared() -> bool:
        return bool(handled["a"] and handled["b"]) and len(handled["a"] | handled["b"]) == 100

    a, b = replica("a"), replica("b")
    async with running(b):
        async with running(a):
            await until(lambda: a.ready and b.ready and _homes(a) == _homes(b) == 2, 40)
            await send_numbers(kafka_bootstrap, topic, range(100))
            await until(shared, 20, "both to have a share")
        shares, stops = {name: set(own) for name, own in handled.items()}, _rebalances(b)
        a = replica("a")
        async with running(a):
            await until(lambda: a.ready and _homes(a) == 2, 20, "its partitions")
            for own in handled.values():
                own.clear()
            await send_numbers(kafka_bootstrap, topic, range(100))
            await until(shared, 20, "both to have a share again")
        assert handled == shares, "the same partitions"
        assert _rebalances(b) == stops
    await producer.stop()


def _homes(worker: Worker) -> int:
    return len(worker._app.consumer.assignment())


def _rebalances(worker: Worker) -> int:
    return int(worker._app.rebalancing_count)
