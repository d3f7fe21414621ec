"""What a relay says of the outbox while it cannot publish, and when another one leads."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.runtime import relay as module
from shared.runtime.relay import Relay, RelayState
from tests.waiting import soon

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
NOBODY = "127.0.0.1:1"


class Clock:
    def now(self) -> datetime:
        return NOW


class Outbox:
    """Seven documents wait, the oldest for an hour."""

    async def backlog(self, limit: int) -> tuple[int, datetime | None]:
        return 7, NOW - timedelta(hours=1)

    async def waiting(self, limit: int) -> list[Any]:
        raise AssertionError("without a broker nothing is taken up")


class Leases:
    held = True

    async def acquire(self, name: str, holder: str, seconds: float) -> bool:
        return self.held

    async def release(self, name: str, holder: str) -> None: ...


async def test_what_waits_is_told_while_the_broker_takes_nothing_and_by_the_leader_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_STANDBY", 0.01)
    leases = Leases()
    held: Any = Relay(
        namespace="t", line="dust", replica="a", bootstrap=NOBODY, outbox=Outbox(),  # type: ignore[arg-type]
        ledger=None, leases=leases, commands=None, clock=Clock(), seconds=1,  # type: ignore[arg-type]
    )  # fmt: skip

    async def troubled() -> bool:
        return held.state is RelayState.TROUBLE

    async def standing_by() -> bool:
        return held.state is RelayState.STANDBY

    task = asyncio.create_task(held.run())
    try:
        await soon(troubled)
        assert (held.backlog, held.oldest_seconds) == (7, 3600)
        leases.held = False
        await soon(standing_by)
        assert (held.backlog, held.oldest_seconds) == (0, 0)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
