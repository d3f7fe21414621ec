"""From cells to a summary: sums by any dimensions, and medians from histograms of hours."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.adapters.mongo.client import Document
from shared.application.findable import CELL_FIELDS
from shared.domain.problem import OPEN, Status

DIMENSIONS = (*CELL_FIELDS, "month")
"""What can be asked by; `day` and `month` are those of the closing (Asia/Shanghai)."""
_MONTH = len("2026-11")


@dataclass
class Group:
    """The numbers of one combination of values."""

    count: int = 0
    open: int = 0
    overdue: int = 0
    closed: int = 0
    timely: int = 0
    hours: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def shown(self) -> dict[str, Any]:
        """`median_hours`: whole hours from report to closing, None where nothing was closed."""
        return {
            "count": self.count,
            "open": self.open,
            "overdue": self.overdue,
            "closed": self.closed,
            "closed_in_time": self.timely,
            "median_hours": median(self.hours),
        }


def median(histogram: Mapping[int, int]) -> float | None:
    """The exact median of the values that a histogram (value → how often) holds."""
    total = sum(histogram.values())
    if not total:
        return None
    lower, upper = (total - 1) // 2, total // 2
    values: list[int] = []
    passed = 0
    for value in sorted(histogram):
        before, passed = passed, passed + histogram[value]
        values += [value for rank in (lower, upper) if before <= rank < passed]
    return sum(values) / 2


def summarize(
    by: Sequence[str], sums: Iterable[Document], overdue: Mapping[str, int]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """(rows by rising values, the total over all of them).

    `sums` are `Counters.sums` by the dimensions of `by`; `overdue` counts problems by cell.
    Values that an entry does not have are None.
    """
    groups: dict[tuple[str, ...], Group] = defaultdict(Group)
    total = Group()
    for row in sums:
        for group in (groups[_key(by, row["by"])], total):
            _add(group, row)
    for cell, number in overdue.items():
        found = dict(zip(CELL_FIELDS, cell.split("|"), strict=True))
        for group in (groups[_key(by, found)], total):
            group.overdue += number
    rows = [
        {**{name: value or None for name, value in zip(by, key, strict=True)}, **group.shown()}
        for key, group in sorted(groups.items())
    ]
    return rows, total.shown()


def _key(by: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(values["day"][:_MONTH] if name == "month" else values[name] for name in by)


def _add(group: Group, row: Document) -> None:
    status = Status(row["status"])
    group.count += row["count"]
    if status in OPEN:
        group.open += row["count"]
    if status is Status.CLOSED:
        group.closed += row["count"]
        group.timely += row["timely"]
        for histogram in row["hours"]:
            for hour, number in histogram:
                group.hours[hour] += number
