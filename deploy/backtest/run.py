"""The same stored signals under two packs."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime

from deploy.backtest.comparing import Pair, pairs
from shared.declaration.county.county import County
from shared.declaration.line import Line
from shared.domain.problem import Problem
from shared.runtime.rehearsal.rehearsal import Arrival, Rehearsal

Progress = Callable[[datetime, int], None]
"""Told after each hour: up to when it was played, and how many signals so far."""


@dataclass(frozen=True)
class Backtest:
    signals: int
    pairs: list[Pair]


async def backtest(
    line: Line,
    now: County,
    other: County,
    signals: AsyncIterator[list[Arrival]],
    until: datetime,
    progress: Progress,
) -> Backtest:
    """Play `line` alone, once under each pack, over `signals` (hour by hour, in order)."""
    both = [Rehearsal((line,), county) for county in (now, other)]
    count = 0
    async for hour in signals:
        count += len(hour)
        for played in both:
            await played.play(hour)
        progress(hour[-1].at, count)
    if count:
        for played in both:
            await played.pass_time(until)
    first, second = (_problems(played, line) for played in both)
    return Backtest(count, pairs(first, second))


def _problems(played: Rehearsal, line: Line) -> list[Problem]:
    return [problem for key, problem in played.problems if key == line.key]
