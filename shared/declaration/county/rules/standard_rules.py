"""Standards: never two in force on one day, and limits on lines that exist."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from shared.declaration.county.keys import LINE_KEYS
from shared.declaration.county.limits import Effective
from shared.declaration.county.rules import walk
from shared.declaration.county.rules.fault import STANDARDS, Fault, Where, nearest
from shared.declaration.county.standards import Standards

_FREE = "all"
"""Limits of no single line: their ids may begin with the standard's name."""

E = TypeVar("E", bound=Effective)


def one_aqi_standard_a_day(file: Standards) -> Iterator[Fault]:
    for standard, where, other in _overlaps(list(walk.each(file.aqi, ("aqi",)))):
        yield Fault(
            STANDARDS,
            (*where, "effective_from"),
            f"{standard.standard} 与 {other.standard} 生效日期重叠 / two in force on one day",
            "前一个的 effective_to 写后一个的 effective_from",
        )
    seen: set[str] = set()
    for standard, where in walk.each(file.aqi, ("aqi",)):
        if standard.standard in seen:
            yield Fault(
                STANDARDS, (*where, "standard"), f"{standard.standard} 出现两次 / twice", "只留一处"
            )
        seen.add(standard.standard)


def one_limit_a_day(file: Standards) -> Iterator[Fault]:
    by_id: dict[str, list[tuple[Effective, Where]]] = {}
    for limit, where in walk.each(file.limits, ("limits",)):
        by_id.setdefault(limit.id, []).append((limit, where))
    for limit_id, entries in by_id.items():
        for _, where, _ in _overlaps(entries):
            yield Fault(
                STANDARDS,
                (*where, "id"),
                f"{limit_id} 两条同时生效 / two in force on one day",
                "改 id，或使 effective_from、effective_to 前后相接",
            )


def limits_belong_to_lines(file: Standards) -> Iterator[Fault]:
    for limit, where in walk.each(file.limits, ("limits",)):
        first = limit.id.split(".")[0]
        if limit.line != _FREE and limit.line not in LINE_KEYS:
            yield Fault(
                STANDARDS,
                (*where, "line"),
                f"没有工作线 {limit.line} / unknown line",
                nearest(limit.line, (*LINE_KEYS, _FREE)),
            )
        elif (first in LINE_KEYS or limit.line != _FREE) and first != limit.line:
            yield Fault(
                STANDARDS,
                (*where, "id"),
                f"{limit.id} 写在 {limit.line} 线上 / the id names another line",
                f"编号以 {limit.line}. 开头，或改 line",
            )


def _overlaps(entries: Sequence[tuple[E, Where]]) -> Iterator[tuple[E, Where, E]]:
    """Each entry that holds on a day of an earlier one, with its place and the earlier one."""
    for position, (entry, where) in enumerate(entries):
        for other, _ in entries[:position]:
            if entry.overlaps(other):
                yield entry, where, other
                break
