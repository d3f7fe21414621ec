"""Waiting for a condition, with a deadline: the only way a test lets time pass."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


def until(
    condition: Callable[[], T | None], seconds: float = 20.0, what: str = "the condition"
) -> T:
    """The first true value of `condition()`. Fails the test when none comes in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what} did not come true within {seconds} s"
        time.sleep(0.02)


async def soon(condition: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> None:
    """Returns when `condition()` gives true; fails the test when it does not in time."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, f"the condition did not come true within {seconds} s"
        await asyncio.sleep(0.02)
