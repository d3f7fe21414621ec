"""核查 verification: who looks, how long the public may object, what counts as a recurrence."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.moments import Moment

K = TypeVar("K")


@dataclass(frozen=True)
class Verification:
    """The county's numbers."""

    notice_days: int = 5
    """公示期: working days after closing in which an objection reopens; 0: none."""
    recur_metres: float = 200
    recur_days: tuple[int, int] = (30, 90)
    """Natural days within which the same category at the same place is a recurrence."""
    spot_check_share: float = 0.1
    """Of the problems that a town closed in a month; at least one."""

    @property
    def looks_back(self) -> timedelta:
        return timedelta(days=max(self.recur_days))


class Earlier(BaseModel):
    """An earlier problem of the same category at the same place."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=120)
    number: str = Field(max_length=80)
    found_at: Moment


class Recurrence(BaseModel):
    """反弹: it was here before. `last` is the latest one before this."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    within_30: int = Field(ge=0)
    within_90: int = Field(ge=1)
    """How many there were within the county's shorter and longer time (30 and 90 days as a rule)."""
    last: Earlier


def recurrence(
    earlier: Iterable[Earlier], found_at: Moment, numbers: Verification
) -> Recurrence | None:
    """None where there was none within the longer time."""
    short, long = (timedelta(days=days) for days in numbers.recur_days)
    before = [each for each in earlier if timedelta() <= found_at - each.found_at <= long]
    if not before:
        return None
    return Recurrence(
        within_30=sum(found_at - each.found_at <= short for each in before),
        within_90=len(before),
        last=max(before, key=lambda each: (each.found_at, each.id)),
    )


def drawn(groups: Mapping[K, Iterable[str]], share: float, seed: str) -> dict[K, list[str]]:
    """抽查: of every group the share of ids that the seed draws, at least one of a group that has any.

    Whoever has the seed can draw again and gets the same: ids go by their hash with the seed, so one
    more or less in a group moves no other one.
    """
    return {
        group: sorted(ids, key=lambda id_: sha256(f"{seed}\0{id_}".encode()).digest())[
            : math.ceil(share * len(ids))
        ]
        for group, found in groups.items()
        if (ids := list(found))
    }
