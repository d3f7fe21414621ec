"""One record's handling: what is unreadable, what is a bug, and when to give up on it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from shared.application.ports import OutboxFull, Tries, Unavailable
from shared.contract.envelope import Unreadable
from shared.domain.moments import Clock
from shared.runtime.worker.about import handling
from shared.runtime.worker.patience import Patience
from shared.runtime.worker.record import Record
from shared.runtime.worker.spans import Notes

log = logging.getLogger(__name__)

LAST_TRY = 3
BURIED_MOST, BURIED_WITHIN = 10, timedelta(minutes=10)
"""So many valid records given up in that time mean that the service is broken, not the records."""
_BURIED = "buried"


class HandlingFailed(Exception):
    """A valid record could not be handled: a bug. The process ends and tries it again."""


class TooManyFailures(Exception):
    """Valid records fail one after the other: nothing more is given up, somebody has to look."""


class Graveyard(Protocol):
    """Where records go that cannot be handled."""

    async def bury(self, record: Record, reason: str, tries: int) -> None:
        """Returns when the dead letter is durable. Raises Unavailable."""
        ...


class Trial:
    """Handles records so that each ends: handled, or in the dead letters with its reason."""

    def __init__(
        self, tries: Tries, notes: Notes, graveyard: Graveyard, patience: Patience, clock: Clock
    ) -> None:
        self._tries = tries
        self._notes = notes
        self._graveyard = graveyard
        self._patience = patience
        self._clock = clock
        self._giving_up = asyncio.Lock()
        """Lanes work side by side, and the note of what was given up is one."""

    async def first(self, record: Record, handle: Callable[[Record], Awaitable[None]]) -> None:
        """Handle a record that no life of the process failed on. Raises HandlingFailed."""

        async def attempt() -> None:
            try:
                await handle(record)
            except Unreadable as error:
                await self._graveyard.bury(record, f"unreadable: {error}", tries=1)

        try:
            with handling(record):
                await self._patience.until_done(attempt)
        except (Unavailable, OutboxFull):
            raise
        except Exception as error:
            # What was in hand is noted: the next life finds this record among its suspects.
            raise HandlingFailed(f"{record}: {type(error).__name__}") from error

    async def together(
        self, records: Sequence[Record], handle: Callable[[Sequence[Record]], Awaitable[None]]
    ) -> None:
        """Handle records in one call. Raises HandlingFailed: the next life tries them one by one."""
        try:
            await self._patience.until_done(lambda: handle(records))
        except (Unavailable, OutboxFull):
            raise
        except Exception as error:
            span = f"{records[0]} … {records[-1]}"
            raise HandlingFailed(f"{span}: {type(error).__name__}") from error

    async def again(self, record: Record, handle: Callable[[Record], Awaitable[None]]) -> None:
        """Handle a suspect, alone and counted. Raises HandlingFailed or TooManyFailures."""
        number = 0

        async def attempt() -> None:
            nonlocal number
            # The first try was not counted one by one: that it was in hand is its count.
            number = 1 + await self._tries.begin(record.topic, record.partition, record.offset)
            if number > LAST_TRY:
                await self._give_up(record, "the process ended while handling it", LAST_TRY)
                return
            try:
                await handle(record)
            except Unreadable as error:
                await self._graveyard.bury(record, f"unreadable: {error}", number)
            except (Unavailable, OutboxFull):
                await self._forget(record)
                raise
            except Exception as error:
                if number < LAST_TRY:
                    raise HandlingFailed(
                        f"{record}, try {number} of {LAST_TRY}: {type(error).__name__}"
                    ) from error
                log.exception("giving up on %s", record)
                await self._give_up(record, _told(error), number)

        with handling(record):
            await self._patience.until_done(attempt)
            await self._patience.until_done(lambda: self._forget(record))

    async def _forget(self, record: Record) -> None:
        await self._tries.done(record.topic, record.partition, record.offset)

    async def _give_up(self, record: Record, reason: str, tries: int) -> None:
        async with self._giving_up:
            await self._bury_for_good(record, reason, tries)

    async def _bury_for_good(self, record: Record, reason: str, tries: int) -> None:
        now = self._clock.now()
        note = await self._notes.get(_BURIED) or {}
        recent: dict[str, str] = {
            name: at
            for name, at in note.get("recent", {}).items()
            if now - datetime.fromisoformat(at) < BURIED_WITHIN
        }
        name = str(record).replace(".", "_")
        if name not in recent and len(recent) >= BURIED_MOST:
            raise TooManyFailures(
                f"{len(recent)} valid records failed {LAST_TRY} times each within "
                f"{BURIED_WITHIN.total_seconds() / 60:g} minutes; the latest is {record}. "
                "Nothing more is given up: find the fault, then start this service again. "
                "`tenlines dead-letters list` shows the records."
            )
        recent[name] = now.isoformat()
        # First the note, then the letter: a crash between them repeats both under the same name.
        await self._notes.put(_BURIED, {"recent": recent})
        await self._graveyard.bury(record, f"failed {tries} times: {reason}", tries)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
