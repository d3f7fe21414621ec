"""A gateway that has just started does not know the lines yet: it waits, and refuses nobody for it."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from services.gateway import commands
from services.gateway.commands import TopicCommander
from shared.application.ports import Unavailable
from shared.domain.refusal import Refused


class Registry:
    def __init__(self) -> None:
        self.following = SimpleNamespace(caught_up=asyncio.Event())
        self.known: set[str] = set()

    def card(self, line: str) -> Any:
        return line if line in self.known else None

    def keys(self) -> list[str]:
        return sorted(self.known)


def commander(registry: Registry) -> Any:
    nothing: Any = None
    lines: Any = registry
    return TopicCommander(nothing, lines, nothing, nothing)


async def test_a_line_that_becomes_known_in_time_gets_its_command() -> None:
    registry = Registry()
    asking = asyncio.create_task(commander(registry)._target(None, "dust"))
    await asyncio.sleep(0)
    assert not asking.done()
    registry.known.add("dust")
    registry.following.caught_up.set()
    assert await asking == "dust"


async def test_where_the_registry_cannot_be_read_the_caller_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(commands, "CATCH_UP_SECONDS", 0.05)
    with pytest.raises(Unavailable, match="registry"):
        await commander(Registry())._target(None, "dust")


async def test_a_line_that_nobody_has_is_refused_once_all_are_known() -> None:
    registry = Registry()
    registry.known.add("coal")
    registry.following.caught_up.set()
    with pytest.raises(Refused) as no:
        await commander(registry)._target(None, "dust")
    assert "coal" in no.value.refusal.errors[0].detail
