"""Random commands, repeats, other orders, replicas, crashes: one effect, one answer, one history."""

import asyncio
import contextlib
import random
from collections import defaultdict
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.application.handler import Handler
from shared.application.ports import Unavailable
from shared.contract.messages import Answer, Change, Command
from shared.domain.actor import Actor, Role
from shared.domain.context import Context
from shared.domain.decide import check_create, create, decide, entry_from
from shared.domain.entry import Kind
from shared.domain.problem import Problem
from tests.unit.application.world import (
    Crash,
    RisingClock,
    ShakyStore,
    Side,
    command,
    is_answer,
    replay,
)
from tests.unit.domain.world import ACTORS, BODIES, REPORT, SmallCounty, facts

IDS = ("p0", "p1", "p2")
DEADLINE = 60
LINE = "coordination"
"""The desk: nothing that is returned moves away from it."""
SAID = {**REPORT, "category": "other"}
NAMES = [
    *(["assign", "accept", "start", "submit", "approve"] * 2), *BODIES, "comment", "merge",
    "no-such-command", "register",
]  # fmt: skip
ROLES = [Role.COORDINATOR, Role.LINE_LEAD, *[Role.DEPARTMENT] * 3, Role.INSPECTOR, Role.VIEWER]


def some_command(dice: random.Random, number: int) -> Command:
    name = dice.choice([n for n in NAMES if n not in ("absorb", "transfer")])
    body: dict[str, Any] = dict(SAID if name == "register" else BODIES.get(name, {}))
    if name == "merge":
        body["into"] = dice.choice([*IDS, "nowhere"])
    if dice.random() < 0.05:
        body["typo"] = 1
    actor = ACTORS[dice.choice(ROLES)]
    if dice.random() < 0.03:
        actor = Actor(id="x", role=actor.role, unit="ghost")
    seen = dice.choice([None, 1, 2, 3, 4, 5, 6]) if dice.random() < 0.5 else -1
    return command(f"c{number}", dice.choice(IDS), name, body, actor, seen)


def reused(dice: random.Random, original: Command) -> Command:
    """The same key for something else."""
    return original.model_copy(update={"name": "comment", "body": {"text": f"{dice.random()}"}})


class World:
    """One line with several replicas and a relay, and what everybody was told."""

    def __init__(self, seed: int, trouble: float) -> None:
        self.dice = random.Random(seed)
        self.clock = RisingClock()
        self.side = Side(LINE, ShakyStore(dice=self.dice), self.clock)
        self.trouble = trouble
        self.told: dict[tuple[str, str], list[Answer]] = defaultdict(list)
        """(command, digest) → every answer that somebody received."""
        self.queue: list[Command] = []
        self.sent: list[Command] = []
        self.busy = 0

    async def live(self, commands: list[Command], replicas: int) -> None:
        # Registered by their own commands, with repeats like all others, but before the rest:
        # a command for what does not exist yet is another test's.
        births = [command(f"birth-{i}", i, "register", dict(SAID)) for i in IDS]
        for batch in (births, commands):
            self.sent += batch
            again = [c for c in batch for _ in range(self.dice.choice([0, 0, 1, 1, 2]))]
            self.queue = [*batch, *again]
            self.dice.shuffle(self.queue)
            self.side.store.trouble = self.trouble
            async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
                relay = group.create_task(self.relay())
                work = [group.create_task(self.replica()) for _ in range(replicas)]
                await asyncio.wait(work)
                relay.cancel()
        self.side.store.trouble = 0
        await self.relay_once()
        while self.queue:
            await self.deliver(self.side.handler(), self.queue.pop())
            await self.relay_once()

    async def replica(self) -> None:
        handler = self.side.handler()
        while self.queue or self.busy:
            if not self.queue:
                await asyncio.sleep(0)
                continue
            taken = self.queue.pop()
            if taken.expected_version == -1:
                # Somebody who looked before: mostly right, sometimes just overtaken.
                held = self.side.store.entries.get(taken.entry)
                version = held.entry.version if held else None
                fresh = taken.model_copy(update={"expected_version": version})
                self.sent[self.sent.index(taken)] = fresh
                self.queue = [fresh if c == taken else c for c in self.queue]
                taken = fresh
            self.busy += 1
            try:
                await self.deliver(handler, taken)
            except (Unavailable, Crash, TimeoutError):
                # The process or the wait ended; the message is delivered again, to anybody.
                self.queue.insert(self.dice.randrange(len(self.queue) + 1), taken)
                handler = self.side.handler()
            finally:
                self.busy -= 1

    async def deliver(self, handler: Handler, taken: Command) -> None:
        task = asyncio.ensure_future(handler.handle(taken))
        if self.side.store.trouble and self.dice.random() < 0.1:
            for _ in range(self.dice.randrange(20)):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            if task.cancelled():
                raise TimeoutError
        answer = await task
        self.told[taken.id, taken.digest()].append(answer)

    async def relay(self) -> None:
        while True:
            with contextlib.suppress(Unavailable, Crash):
                await self.relay_once()
            await asyncio.sleep(0)

    async def relay_once(self) -> None:
        outbox = self.side.outbox
        while items := await outbox.waiting(self.dice.randint(1, 6)):
            await outbox.file(items)
            # Sent before the item is cleared: after a crash in between it is sent again.
            for item in items:
                self.queue += [c for line, c in item.outgoing.follow_ups if line == LINE]
                self.sent += [
                    c for _, c in item.outgoing.follow_ups if c.id not in {s.id for s in self.sent}
                ]
            await outbox.clear(items)


def held(world: World, entry: str) -> Problem:
    found = world.side.store.entries[entry].entry
    assert isinstance(found, Problem)
    return found


async def check(world: World) -> None:
    store, ledger = world.side.store, world.side.ledger
    effects: dict[str, int] = defaultdict(int)
    histories: dict[str, list[Change]] = {}
    for entry in IDS:
        assert store.entries[entry].outbox == []
        changes = histories[entry] = await ledger.history(entry, 0, 10_000)
        assert [c.version for c in changes] == list(range(1, held(world, entry).version + 1))
        for change in changes:
            effects[change.command] += 1
        birth = await ledger.answer(f"birth-{entry}")
        assert birth is not None and birth.entry is not None
        assert replay(birth.entry, changes) == held(world, entry).model_dump(mode="json")
    numbers = [held(world, entry).number for entry in IDS]
    assert len(set(numbers)) == len(numbers)
    for sent in world.sent:
        answers = world.told[sent.id, sent.digest()]
        assert answers, f"{sent.id} was never answered"
        stored = await ledger.answer(sent.id)
        assert stored is not None
        if stored.digest != sent.digest():
            assert all(a.refusal and a.refusal.type == "key-reused" for a in answers)
            continue
        assert all(is_answer(answer) for answer in answers)
        assert all(answer == stored for answer in answers), f"{sent.id} has more than one answer"
        assert effects[sent.id] == (stored.outcome == "applied")
        again = await world.side.handler().handle(sent)
        assert again == stored, "for ever"
    assert set(effects) <= {c.id for c in world.sent}
    model(world, histories)


def model(world: World, histories: dict[str, list[Change]]) -> None:
    """The pure domain, given the same commands in the order of the versions, says the same."""
    by_digest = {(c.id, c.digest()): c for c in world.sent}
    for entry, changes in histories.items():
        expected: Problem | None = None
        for change in changes:
            stored = world.side.store.receipts[change.command]
            sent = by_digest[change.command, stored.digest]
            who = Context(sent.actor, change.at, facts(LINE), SmallCounty())
            if expected is None:
                assert stored.entry is not None
                body = check_create(Kind.PROBLEM, sent.body, who)
                made = create(Kind.PROBLEM, entry, stored.entry["number"], body, who).entry
            else:
                made = decide(expected, sent.name, sent.body, sent.expected_version, who).entry
            assert isinstance(made, Problem)
            expected = made
            assert stored.entry is not None and entry_from(stored.entry) == expected
        assert expected == held(world, entry)


@settings(max_examples=120, deadline=None, print_blob=True)
@given(
    seed=st.integers(0, 2**32),
    size=st.integers(1, 45),
    replicas=st.integers(1, 4),
    trouble=st.sampled_from([0.0, 0.01, 0.06]),
)
def test_one_effect_one_answer_one_history(
    seed: int, size: int, replicas: int, trouble: float
) -> None:
    async def scene() -> None:
        world = World(seed, trouble)
        commands = [some_command(world.dice, n) for n in range(size)]
        commands += [reused(world.dice, c) for c in commands if world.dice.random() < 0.1]
        await world.live(commands, replicas)
        await check(world)
        absorbed = sum(held(world, entry).absorbed_count for entry in IDS)
        merges = [c for c in world.side.store.history.values() if c.rule == "problem.merge"]
        assert absorbed == len(merges), "each merge reached the other problem once"
        for entry in IDS:
            into = held(world, entry).merged_into
            assert into is None or held(world, into).merged_into != entry, "one lives on"

    asyncio.run(scene())
