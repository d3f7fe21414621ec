"""A fault between the parts of a pack: where it stands, what is wrong, what would be right."""

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

Where = tuple[str | int, ...]
"""The way from the top of a file to a value: keys and positions from 0."""

ABOUT, PLAN, LINES = "county.yaml", "plan.yaml", "lines.yaml"
DEPARTMENTS, TOWNS = "departments.yaml", "towns.yaml"
STANDARDS, PLACES, RULES = "standards.yaml", "places.yaml", "rules.yaml"
CALENDAR = "calendar.yaml"
CLOCKS = "clocks.yaml"
VERIFICATION = "verification.yaml"
SCORES = "scores.yaml"

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True)
class Fault:
    file: str
    where: Where
    message: str
    right: str


def nearest(given: str, known: Collection[str]) -> str:
    """What was probably meant, or all that can be meant."""
    close = get_close_matches(given, known, n=1)
    return f"是否 {close[0]}" if close else "可用：" + "、".join(known)


def repeated(values: Sequence[tuple[T, Where]]) -> Iterator[tuple[T, Where]]:
    """Values that stand there for the second time or more, with their places."""
    seen: set[T] = set()
    for value, where in values:
        if value in seen:
            yield value, where
        seen.add(value)
