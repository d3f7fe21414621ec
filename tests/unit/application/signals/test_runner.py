"""Whatever crashes and comes again: what is found equals what an undisturbed run finds."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.adapters.memory.memories import Kept, MemoryMemories, MemorySignals
from shared.adapters.memory.store import Store, When
from shared.application.ports import Unavailable
from shared.application.signals.engine import RuleEngine
from shared.application.signals.ports import Outbound, Taken
from shared.application.signals.runner import SignalRunner
from shared.contract.trace import untold
from shared.declaration.rule import Facts, Outcome, Rule, State, by_county, by_device
from shared.declaration.signal import Observed, SignalData
from shared.domain.finding import Finding
from shared.domain.problem import Severity
from tests.lines.facts import county_facts

START = datetime(2026, 11, 24, tzinfo=UTC)


class Crash(Exception):
    """The process ended here."""


class Sum(State):
    total: int = 0
    seen: int = 0


class Data(SignalData):
    amount: int


def _sum(state: Sum, seen: Observed, facts: Facts) -> Outcome[Sum]:
    assert isinstance(seen.data, Data)
    after = Sum(total=state.total + seen.data.amount, seen=state.seen + 1)
    crossed = after.total // 10 - state.total // 10
    found = tuple(
        Finding(
            rule="dust.sum",
            subject=seen.data.device_id,
            category="exceed",
            severity=Severity.GENERAL,
            source="online_monitor",
            title="crossed",
            seen_at=seen.data.observed_at,
            facts={"total": after.total, "n": n},
        )
        for n in range(crossed)
    )
    return Outcome(after, found, wake_at=START + timedelta(hours=1))


def _wake(state: Sum, now: datetime, facts: Facts) -> Outcome[Sum]:
    found = Finding(
        rule="dust.sum",
        subject="woken",
        category="exceed",
        severity=Severity.GENERAL,
        source="online_monitor",
        title="woken",
        seen_at=START,
        facts={"seen": state.seen},
    )
    return Outcome(state, (found,))


READS = frozenset({"dust.amount"})
RULES = (
    Rule("dust.each", "各", "Each", READS, Sum, by_device, _sum, _wake),
    Rule("dust.all", "全", "All", READS, Sum, by_county, _sum, _wake),
)


class Clock:
    def now(self) -> datetime:
        return START + timedelta(hours=2)


class Topic:
    """What was sent, as consumers see it: an id again is the same finding."""

    def __init__(self) -> None:
        self.sent: dict[str, Outbound] = {}
        self.away = False

    async def send(self, what: Sequence[Outbound]) -> None:
        await asyncio.sleep(0)
        if self.away:
            raise Unavailable("the broker is away")
        for out in what:
            assert self.sent.setdefault(out.id, out) == out, "one id, two findings"

    @property
    def told(self) -> Counter[str]:
        return Counter(
            f"{out.body['title']} {out.key} {sorted(out.body['facts'].items())}"
            for out in self.sent.values()
        )


def signals(amounts: Sequence[int]) -> list[Taken]:
    return [
        Taken(
            Observed(
                "dust",
                "amount",
                Data(device_id=f"d{n % 3}", observed_at=START + timedelta(minutes=n), amount=a),
            ),
            f"d{n % 3}",
            str(n),
            "t.dust.signals",
            n % 2,
            n // 2,
        )
        for n, a in enumerate(amounts)
    ]


def runner(store: Store, kept: Kept, topic: Topic) -> SignalRunner:
    return SignalRunner(
        "dust",
        RuleEngine(RULES, county_facts()),
        MemoryMemories(store, kept),
        MemorySignals(store, kept),
        topic,
    )


async def undisturbed(batch: Sequence[Taken]) -> tuple[Counter[str], dict[str, str]]:
    kept, topic = Kept(), Topic()
    process = runner(Store(), kept, topic)
    await process.take(batch)
    while await process.wake(Clock().now()):
        pass
    return topic.told, {id_: memory.state for id_, memory in kept.memories.items()}


@given(
    amounts=st.lists(st.integers(0, 25), max_size=25),
    seed=st.integers(0, 2**32),
    often=st.floats(0.0, 0.3),
)
@settings(max_examples=150, deadline=None)
def test_crashes_repeat_nothing_and_forget_nothing(
    amounts: list[int], seed: int, often: float
) -> None:
    asyncio.run(_crashing(amounts, random.Random(seed), often))


async def _crashing(amounts: list[int], chance: random.Random, often: float) -> None:
    batch = signals(amounts)
    store, kept, topic = Store(), Kept(), Topic()

    def fault(step: str, when: When) -> None:
        if chance.random() < often:
            raise chance.choice([Crash(), Unavailable("away")])

    position = 0
    process = runner(store, kept, topic)
    for _ in range(2000):
        store.fault = fault if _ < 1000 else (lambda step, when: None)
        topic.away = _ < 1000 and chance.random() < often
        try:
            if position < len(batch):
                size = chance.randint(1, 6)
                await process.take(batch[position : position + size])
                position += size
            elif not await process.wake(Clock().now()):
                break
        except Crash:
            process = runner(store, kept, topic)
            position = max(0, position - chance.randint(0, 5))  # not yet committed: comes again
        except Unavailable:
            pass
    else:
        pytest.fail("it never came to its end")
    told, states = await undisturbed(batch)
    assert topic.told == told
    assert {id_: memory.state for id_, memory in kept.memories.items()} == states
    assert not any(kept.outboxes.values())


async def test_two_replicas_share_one_document_without_losing_a_signal() -> None:
    batch = signals([3] * 40)
    store, kept, topic = Store(), Kept(), Topic()
    halves = [[t for t in batch if t.partition == p] for p in (0, 1)]

    async def replica(mine: list[Taken]) -> None:
        process = runner(store, kept, topic)
        for signal in mine:
            await process.take([signal])

    await asyncio.gather(*map(replica, halves))
    state = Sum.model_validate_json(kept.memories["dust.all:county"].state)
    assert state == Sum(total=120, seen=40)
    found = [out for out in topic.sent.values() if out.body["rule"] == "dust.sum"]
    per_device = sum(
        Sum.model_validate_json(kept.memories[f"dust.each:d{n}"].state).total // 10
        for n in range(3)
    )
    assert len(found) == 120 // 10 + per_device


async def test_a_copy_has_no_effect() -> None:
    first = signals([4, 4])
    copy = Taken(first[0].observed, first[0].source, first[0].id, "t.dust.signals", 0, 99)
    kept, topic = Kept(), Topic()
    process = runner(Store(), kept, topic)
    assert await process.take([*first, copy]) == 1
    assert Sum.model_validate_json(kept.memories["dust.all:county"].state).seen == 2


async def test_each_finding_of_a_batch_follows_its_own_signal() -> None:
    batch = [replace(taken, trace=untold()) for taken in signals([10, 3, 20, 10])]
    kept, topic = Kept(), Topic()
    process = runner(Store(), kept, topic)
    await process.take(batch)
    by_device = {
        out.body["seen_at"]: out.trace
        for out in topic.sent.values()
        if out.body["subject"] != "woken" and out.body["rule"] == "dust.sum"
    }
    at = {
        taken.observed.data.observed_at.isoformat().replace("+00:00", "Z"): taken.trace
        for taken in batch
    }
    assert by_device == {seen: at[seen] for seen in by_device} and len(by_device) == 3
    topic.sent.clear()
    while await process.wake(Clock().now()):
        pass
    assert {out.trace for out in topic.sent.values()} == {None}, "time brought these about"
