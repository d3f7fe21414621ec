"""A batch of signals is counted and its rubbish buried once, however often the rules are tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from prometheus_client import REGISTRY

from shared.application.ports import Unavailable
from shared.contract.envelope import Unreadable
from shared.runtime.worker.signals import signal_subscriptions

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass
class Said:
    line: str
    name: str = "dust.site-monitor"
    data: object = None


@dataclass
class Event:
    observed: Said
    source: str = "there"
    id: str = "1"


@dataclass
class Record:
    value: str
    headers: tuple[()] = ()
    topic: str = "t.dust.signals"
    partition: int = 0
    offset: int = 0


class World:
    """Signals, the rules' runner and the graveyard at once: the database is away for two tries."""

    def __init__(self) -> None:
        self.away, self.buried = 2, 0

    def decode(self, headers: object, value: str, now: datetime) -> Event:
        if value == "rubbish":
            raise Unreadable("not JSON")
        return Event(Said(value))

    async def take(self, batch: Sequence[object]) -> int:
        if self.away:
            self.away -= 1
            raise Unavailable("the database is away")
        return 1

    async def bury(self, record: object, reason: str, tries: int) -> None:
        self.buried += 1

    def now(self) -> datetime:
        return NOW


@dataclass
class Line:
    key: str = "dust"
    signals: tuple[str, ...] = ("site-monitor",)
    follows: tuple[str, ...] = ("hotspot",)
    follows_problems: tuple[str, ...] = ()


def _counted(outcome: str) -> float:
    labels = {"line": "dust", "outcome": outcome}
    return REGISTRY.get_sample_value("tenlines_signals_total", labels) or 0.0


async def test_only_what_came_to_its_end_is_counted() -> None:
    world: Any = World()
    line: Any = Line()
    (own, _) = signal_subscriptions("t", line, world, world, world, world)
    records: Any = [Record("dust"), Record("dust"), Record("hotspot"), Record("rubbish")]
    outcomes = ("taken", "followed", "copy", "unreadable")
    before = [_counted(outcome) for outcome in outcomes]
    assert own.together is not None
    for _ in range(2):
        with pytest.raises(Unavailable):
            await own.together(records)
    assert [_counted(outcome) for outcome in outcomes] == before and world.buried == 0
    await own.together(records)
    assert [_counted(o) - was for o, was in zip(outcomes, before, strict=True)] == [1, 1, 1, 1]
    assert world.buried == 1
