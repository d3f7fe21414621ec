"""What can be asked of the ledgers: the queries as data, and the port that answers them.

A line asks its own documents, the gateway its read model; the documents have the same form. Lists
are walked by position, never by counting: an entry that nobody changes is met exactly once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from shared.application.ports import AnyEntry
from shared.contract.messages import Change
from shared.domain.entry import Kind
from shared.domain.escalation import EscalationLevel
from shared.domain.problem import Problem, Severity, Status
from shared.domain.responsibility import Part, Responsibility
from shared.domain.task import Frequency, Task, TaskStatus

Place = str | int | float | datetime | None
Position = tuple[Place, ...]
"""Where a page ended: the last entry's sort values, its id being the last of them."""
E = TypeVar("E", covariant=True)


@dataclass(frozen=True)
class Page(Generic[E]):
    items: tuple[E, ...]
    end: Position | None
    """Where the next page goes on; None when there is nothing after this one."""


@dataclass(frozen=True)
class Box:
    """WGS-84 degrees, edges included."""

    west: float
    south: float
    east: float
    north: float


class ProblemSort(StrEnum):
    """Rising, or falling with `-`. Problems without a due time come last either way."""

    NEWEST = "-reported_at"
    OLDEST = "reported_at"
    DUE_FIRST = "due_at"
    DUE_LAST = "-due_at"
    NEXT_DUE = "next_due"
    """Whichever clock ends first, of those that run."""
    MILDEST = "severity"
    GRAVEST = "-severity"
    LEAST_RECENT = "updated_at"
    MOST_RECENT = "-updated_at"


@dataclass(frozen=True)
class ProblemFilter:
    """Empty means all; several values of one field mean any of them; fields must all hold."""

    lines: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    severities: tuple[Severity, ...] = ()
    towns: tuple[str, ...] = ()
    """Codes of the responsible town or park."""
    departments: tuple[str, ...] = ()
    """Codes of the responsible unit, the one that counts by department go by."""
    units: tuple[str, ...] = ()
    """Codes of units with any part in it: responsible, helping, or its town."""
    categories: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    """Search tokens (see `findable.query_tokens`) that it must all have."""
    overdue: bool | None = None
    """Whether its due time has passed at the moment of reading."""
    open: bool | None = None
    reported_from: datetime | None = None
    reported_before: datetime | None = None
    """Exclusive."""
    updated_since: datetime | None = None
    closed_from: datetime | None = None
    closed_before: datetime | None = None
    """Exclusive. Only what is closed now."""
    levels: tuple[EscalationLevel, ...] = ()
    """Of its escalation: the highest since it was last begun."""
    recurring: bool | None = None
    """Whether it was here before, or came back after closing (反弹)."""
    within: Box | None = None
    ids: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaskFilter:
    lines: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    """Any department of the clause, leading or not."""
    towns: tuple[str, ...] = ()
    """The town's own tasks, and those of `town_clauses`, which every town carries out."""
    town_clauses: tuple[str, ...] = ()
    statuses: tuple[TaskStatus, ...] = ()
    tokens: tuple[str, ...] = ()
    as_of: date | None = None
    """In force on that day (Asia/Shanghai)."""
    unreported: "Period | None" = None


@dataclass(frozen=True)
class Period:
    """A reporting period: a task that owes a report in it has not given one."""

    key: str
    """`2026-W47`, `2026-11` or `2026-Q4`."""
    first: date
    last: date
    owed_by: tuple[Frequency, ...]
    """The frequencies that owe at least one report in such a period."""


class ResponsibilityStatus(StrEnum):
    UPCOMING = "upcoming"
    CURRENT = "current"
    ENDED = "ended"


@dataclass(frozen=True)
class ResponsibilityFilter:
    lines: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    roles: tuple[Part, ...] = ()
    towns: tuple[str, ...] = ()
    statuses: tuple[ResponsibilityStatus, ...] = ()
    tokens: tuple[str, ...] = ()
    as_of: date | None = None
    """Rows that held on that day (Asia/Shanghai)."""


@dataclass(frozen=True)
class Census:
    """How many problems there are. A town that is not known yet is the empty string."""

    problems: Mapping[tuple[str, str, str, str], int]
    """(line, status, severity, town) → problems."""
    overdue: Mapping[tuple[str, str], int]
    """(line, town) → problems overdue now."""

    def tallies(self) -> dict[str, "Tally"]:
        """Line → its tally; a line without problems is missing."""
        by_status: dict[str, Counter[str]] = defaultdict(Counter)
        for (line, status, _, _), number in self.problems.items():
            by_status[line][status] += number
        overdue: Counter[str] = Counter()
        for (line, _), number in self.overdue.items():
            overdue[line] += number
        return {
            line: Tally(by_status=dict(counts), overdue=overdue[line])
            for line, counts in by_status.items()
        }


@dataclass(frozen=True)
class Standing:
    """How the work stands beside the counts of problems. A task that belongs to no town alone has
    the empty string."""

    escalated: Mapping[tuple[str, str], int]
    """(line, level) → open problems that are pressed so hard, by their highest level."""
    tasks: Mapping[tuple[str, str], int]
    """(line, status) → tasks that have not ended."""
    indicators: Mapping[tuple[str, str, str, str], float]
    """(line, clause, indicator, town) → share of the way to its target; of several tasks the
    lowest. What has no number yet is missing."""


def standing_of(
    tasks: Iterable[Task], today: date, escalated: Mapping[tuple[str, str], int]
) -> Standing:
    """From the tasks that may not have ended, and what was counted of problems."""
    counts: Counter[tuple[str, str]] = Counter()
    ratios: dict[tuple[str, str, str, str], float] = {}
    for task in tasks:
        status = task.status(today)
        if status is TaskStatus.ENDED:
            continue
        counts[task.line, status.value] += 1
        ratio = task.indicator.ratio() if task.indicator else None
        if task.indicator and ratio is not None:
            key = (task.line, task.clause, task.indicator.name, task.town or "")
            ratios[key] = min(ratio, ratios.get(key, ratio))
    return Standing(escalated, counts, ratios)


@dataclass(frozen=True)
class Tally:
    """The problems of one line: how many in each state, and how many are overdue now."""

    by_status: Mapping[str, int]
    overdue: int


class Reads(Protocol):
    """All methods raise Unavailable when the database cannot be reached.

    `now` (UTC) and `today` (Asia/Shanghai) are the moment of reading: what is overdue, and how a
    task stands, is evaluated then. `after` is the `end` of the page before.
    """

    async def problems(
        self,
        which: ProblemFilter,
        sort: ProblemSort,
        now: datetime,
        limit: int,
        after: Position | None = None,
    ) -> Page[Problem]: ...

    async def count_problems(self, which: ProblemFilter, now: datetime) -> int: ...

    async def tasks(
        self, which: TaskFilter, today: date, limit: int, after: Position | None = None
    ) -> Page[Task]:
        """In the order of the plan."""
        ...

    async def count_tasks(self, which: TaskFilter, today: date) -> int: ...

    async def responsibilities(
        self, which: ResponsibilityFilter, today: date, limit: int, after: Position | None = None
    ) -> Page[Responsibility]:
        """In the order of the plan."""
        ...

    async def count_responsibilities(self, which: ResponsibilityFilter, today: date) -> int: ...

    async def entry(self, kind: Kind, entry_id: str) -> AnyEntry | None: ...

    async def history(self, entry_id: str, after_version: int, limit: int) -> list[Change]:
        """Changes after that version, by rising version."""
        ...

    async def census(self, now: datetime) -> Census:
        """By index or from kept counts; on a slow timer it may be asked over all problems."""
        ...

    async def standing(self, now: datetime) -> Standing:
        """By index, at the cost of what is open and escalated, and of the tasks in force."""
        ...
