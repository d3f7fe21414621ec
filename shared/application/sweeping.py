"""What time itself does to a line's entries: steps of escalation, and warnings that shorten clocks.

Each is a command to the one handler, so it is a version-guarded write with a history like any other.
Its id derives from the entry, its version and the moment that was due: two replicas that sweep at
once, and one that died half-way and came back, mean the same command.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.application.ports import Held, OutboxFull
from shared.contract.messages import Answer, Command
from shared.domain.actor import Actor, system
from shared.domain.identity import derived
from shared.domain.task import Alert
from shared.domain.timing import Timing

AT_ONCE = 32
"""Single commands under way side by side: what the database takes without making people wait."""
BATCH, WRITING = 20, 4
"""Entries written at one go, and batches under way: one is decided while others are written."""
ROUND = 500
Told = Callable[[int], None]
"""Hears after each round how many entries it touched."""
_LEVELS = {"yellow": "黄色", "orange": "橙色", "red": "红色"}


@dataclass(frozen=True)
class Falling:
    """An entry to which time does something, as it was seen."""

    held: Held
    due_at: datetime | None = None
    """When the next step was due."""


class DueEntries(Protocol):
    """Questions by index: their cost grows with what is found. Raises Unavailable."""

    async def due(self, now: datetime, limit: int) -> Sequence[Falling]:
        """Problems and tasks whose next step is due, the longest overdue first."""
        ...

    async def alert(self) -> Alert | None:
        """The gravest warning that this line was ordered to follow and that still lasts."""
        ...

    async def unshortened(self, episode: str, limit: int) -> Sequence[Falling]:
        """Problems somebody works on whose clocks were not yet shortened for this episode."""
        ...


class Handling(Protocol):
    """The one handler; see `shared.application.handler`."""

    async def handle(self, command: Command) -> Answer: ...

    async def handle_seen(
        self, seen: Sequence[tuple[Command, Held]]
    ) -> Sequence[Answer | None]: ...


def _nobody(_: int) -> None: ...


_SWEEPER, _WARNING = system("sweeper"), system("episode")


class Sweeping:
    """One pass at a time. Every method raises Unavailable; nothing is lost by it."""

    def __init__(self, line: str, timing: Timing, entries: DueEntries, handling: Handling) -> None:
        self._line, self._timing = line, timing
        self._entries, self._handling = entries, handling

    async def press(self, now: datetime, told: Told = _nobody) -> int:
        """Take every step that is due by `now`; how many entries were pressed."""

        def step(entry: Falling) -> Command:
            assert entry.due_at is not None
            return _command(entry.held, "escalate", {}, entry.due_at.isoformat(), _SWEEPER, now)

        pressed = 0
        while found := await self._entries.due(now, ROUND):
            done = await self._all([(step(entry), entry.held) for entry in found])
            pressed += done
            told(done)
            if len(found) < ROUND or not done:
                return pressed
        return pressed

    async def shorten(self, now: datetime, told: Told = _nobody) -> int:
        """Shorten what the warning in force shortens; how many problems were touched."""
        alert = await self._entries.alert()
        if alert is None or self._timing.alert(self._line, alert.level) is None:
            return 0
        body = {
            "episode": alert.episode,
            "level": alert.level,
            "reason": f"重污染天气{_LEVELS[alert.level]}预警({alert.episode} 过程),时限缩短",
        }

        def step(entry: Falling) -> Command:
            return _command(entry.held, "shorten", body, alert.episode, _WARNING, now)

        touched = 0
        while found := await self._entries.unshortened(alert.episode, ROUND):
            done = await self._all([(step(entry), entry.held) for entry in found])
            touched += done
            told(done)
            if len(found) < ROUND or not done:
                return touched
        return touched

    async def _all(self, commands: Sequence[tuple[Command, Held]]) -> int:
        """How many took effect; one that was refused met a change that came first."""
        writing = asyncio.Semaphore(WRITING)

        async def together(seen: Sequence[tuple[Command, Held]]) -> int:
            async with writing:
                answers = await self._handling.handle_seen(seen)
            room = asyncio.Semaphore(AT_ONCE)

            async def settled(command: Command, answer: Answer | None) -> bool:
                if answer is None:
                    async with room:
                        try:
                            answer = await self._handling.handle(command)
                        except OutboxFull:
                            # The broker has been away for long; it is still due afterwards.
                            return False
                return answer.outcome == "applied"

            pairs = zip(seen, answers, strict=True)
            return sum(await asyncio.gather(*(settled(c, answer) for (c, _), answer in pairs)))

        parts = [commands[start : start + BATCH] for start in range(0, len(commands), BATCH)]
        return sum(await asyncio.gather(*(together(part) for part in parts)))


def _command(
    held: Held, name: str, body: dict[str, str], cause: str, actor: Actor, now: datetime
) -> Command:
    entry = held.entry
    return Command(
        id=derived(name, entry.id, str(entry.version), cause),
        kind=entry.kind,
        entry=entry.id,
        name=name,
        body=dict(body),
        actor=actor,
        issued_at=now,
        reply=False,
    )
