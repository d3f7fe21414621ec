"""Three lines in memory with their topics between them: a simulated broker, relays and people."""

import asyncio
import contextlib
import random
from collections import defaultdict
from collections.abc import Iterable

from shared.application.ports import Unavailable
from shared.application.transfer import RECEIVE
from shared.contract.messages import Answer, Change, Command
from shared.domain.problem import Problem, Status
from shared.runtime.handover_parts import parts_before
from tests.unit.application.world import Crash, RisingClock, ShakyStore, Side, is_answer

KEYS = ("dust", "coal", "coordination")
HOPS = 3
MOVES = 3
"""A problem moves no more often here than a command is routed on; further moves are left out."""
ELSEWHERE = "(any other line)"


class Lines:
    def __init__(self, seed: int, trouble: float) -> None:
        self.dice = random.Random(seed)
        self.trouble = trouble
        self.clock = RisingClock()
        self.sides = {key: Side(key, ShakyStore(dice=self.dice), self.clock) for key in KEYS}
        self.topics: dict[str, list[Command]] = {key: [] for key in KEYS}
        self.positions = dict.fromkeys(KEYS, 0)
        self.published: list[Change] = []
        self.sends: list[tuple[str, list[Command]]] = []
        """Everything a relay ever sent at once, so that a late one can send it again."""
        self.told: dict[str, list[Answer]] = defaultdict(list)
        self.sent: dict[str, Command] = {}

    def newest(self, entry: str) -> Problem | None:
        """The highest version anywhere: the one that counts."""
        held = [
            stored.entry
            for side in self.sides.values()
            if (stored := side.store.entries.get(entry)) is not None
            and isinstance(stored.entry, Problem)
        ]
        return max(held, key=lambda problem: problem.version, default=None)

    async def run(self, people: Iterable[list[Command]]) -> None:
        """Until all people have their answers and everything that they caused has arrived."""
        self._shake(self.trouble)
        async with asyncio.TaskGroup() as group:
            machines = [group.create_task(self._relay(key)) for key in KEYS]
            machines += [group.create_task(self._worker(key)) for key in KEYS]
            machines.append(group.create_task(self._late_repeats()))
            await asyncio.wait([group.create_task(self._person(each)) for each in people])
            for machine in machines:
                machine.cancel()
        self._shake(0)
        for _ in range(3):
            # A last repeat of everything that ever went between the lines, in any order.
            await self._settle()
            for line, commands in self.dice.sample(self.sends, len(self.sends)):
                self.topics[line] += commands
        await self._settle()

    def _shake(self, trouble: float) -> None:
        for side in self.sides.values():
            side.store.trouble = trouble

    async def _settle(self) -> None:
        busy = True
        while busy:
            busy = False
            for key in KEYS:
                busy |= await self._relay_once(key)
                while self.positions[key] < len(self.topics[key]):
                    await self._consume(key)
                    busy = True

    async def _person(self, commands: list[Command]) -> None:
        for command in commands:
            seen = self.newest(command.entry)
            if command.id not in self.sent and command.expected_version == -1:
                assert seen is not None
                command = command.model_copy(update={"expected_version": seen.version})
            if command.id not in self.sent and command.body.get("line") == ELSEWHERE:
                if seen is None or self._moves(seen.id) >= MOVES:
                    continue
                to = self.dice.choice(
                    [key for key in KEYS if key not in (seen.line, seen.moved_to)]
                )
                command = command.model_copy(update={"body": {**command.body, "line": to}})
            # Two deliveries of one command must say the same: the first one fixes it.
            command = self.sent.setdefault(command.id, command)
            places = [k for k in KEYS if command.entry in self.sides[k].store.entries]
            await self._ask(command, self.dice.choice(places or ["dust"]))

    def _moves(self, entry: str) -> int:
        """How often it was sent on, as of its newest version."""
        found: dict[int, Change] = {}
        for side in self.sides.values():
            found |= side.store.changes_of(entry)
        return sum(change.rule == "problem.transfer" for change in found.values())

    async def _ask(self, command: Command, line: str) -> None:
        start = line
        while True:
            try:
                answer = await self.sides[line].handler().handle(command)
            except (Unavailable, Crash):
                await asyncio.sleep(0)
                continue
            if answer.refusal is None or is_answer(answer):
                self.told[command.id].append(answer)
                return
            if answer.refusal.type == "moved" and command.hops < HOPS:
                line = str(answer.refusal.facts["moved_to"])
                command = command.model_copy(update={"hops": command.hops + 1})
            elif answer.refusal.type == "moved":
                line, command = start, command.model_copy(update={"hops": 0})
            await asyncio.sleep(0)

    async def _worker(self, key: str) -> None:
        while True:
            if self.positions[key] < len(self.topics[key]):
                try:
                    await self._consume(key)
                except (Unavailable, Crash):
                    # The last few offsets were not committed yet; order is kept.
                    back = self.dice.randrange(3)
                    self.positions[key] = max(0, self.positions[key] - back)
            await asyncio.sleep(0)

    async def _consume(self, key: str) -> None:
        command = self.topics[key][self.positions[key]]
        self.sent.setdefault(command.id, command)
        answer = await self.sides[key].handler().handle(command)
        if is_answer(answer):
            self.told[command.id].append(answer)
        self.positions[key] += 1

    async def _relay(self, key: str) -> None:
        while True:
            with contextlib.suppress(Unavailable, Crash):
                await self._relay_once(key)
            await asyncio.sleep(0)

    async def _relay_once(self, key: str) -> bool:
        side = self.sides[key]
        items = await side.outbox.waiting(self.dice.randint(1, 5))
        await side.outbox.file(items)
        for item in items:
            for line, command in item.outgoing.follow_ups:
                batch = [command]
                if command.name == RECEIVE:
                    batch = [*await parts_before(side.ledger, command), command]
                self.sends.append((line, batch))
                self.topics[line] += batch
        self.published += [c for i in items if (c := i.outgoing.change) is not None]
        await side.outbox.clear(items)
        return bool(items)

    async def _late_repeats(self) -> None:
        while True:
            for _ in range(self.dice.randrange(200)):
                await asyncio.sleep(0)
            if self.sends:
                line, commands = self.dice.choice(self.sends)
                self.topics[line] += commands

    def holder(self, entry: str) -> Side:
        """The one line in which the problem lives; everywhere else it is a stub."""
        newest = self.newest(entry)
        assert newest is not None and newest.status is not Status.MOVED
        for key, side in self.sides.items():
            stored = side.store.entries.get(entry)
            if stored is not None and key != newest.line:
                assert isinstance(stored.entry, Problem)
                assert stored.entry.status is Status.MOVED, f"{entry} lives in {key} as well"
                assert stored.entry.version < newest.version
        return self.sides[newest.line]
