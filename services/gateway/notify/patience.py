"""How often and how long something is tried: exponential back-off with full jitter, bounded."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

TRIES = 8
_STEPS = tuple(
    timedelta(seconds=s) for s in (5, 60, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600)
)
"""The longest pause after the first, second, … failed try: half of their sum is nine hours, all
of it less than a day."""
FRESH = timedelta(days=1)
"""A reminder of yesterday is noise: what is older is not sent, only listed."""
SOUND_FAILURES = 4
"""Failures in a row after which a receiver counts as failing and is tried only rarely."""
_HELD = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 20, 30))
Random = Callable[[], float]


def next_try(tries: int, now: datetime, draw: Random = random.random) -> datetime | None:
    """When to try again after `tries` failed ones; None when that was the last.

    Full jitter: anywhere between at once and the step's end, so that what failed together does not
    come back together; at least a second.
    """
    if tries >= TRIES:
        return None
    longest = _STEPS[max(1, tries) - 1]
    return now + max(timedelta(seconds=1), longest * draw())


def held_for(failures: int) -> timedelta | None:
    """How long a receiver that failed so often in a row is left alone altogether."""
    over = failures - SOUND_FAILURES
    return _HELD[min(over, len(_HELD)) - 1] if over > 0 else None
