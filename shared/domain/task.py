"""A task (任务清单): what must be done, by whom, by when, and how far it is."""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.actor import Actor
from shared.domain.deadlines import Deadline
from shared.domain.entry import Entry, Kind
from shared.domain.escalation import Escalation
from shared.domain.moments import Moment

Operator = Literal[">=", "<=", "=", "by"]
"""`by`: to be done by the due date, without a number."""
Frequency = Literal["daily", "weekly", "monthly", "quarterly"]

PERIODS_KEPT = 120
BEHIND_MARGIN = 0.1
"""A numeric task reads as behind when its share of the way lags its share of the time by this [D]."""


class TaskStatus(StrEnum):
    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    BEHIND = "behind"
    DONE = "done"
    OVERDUE_UNMET = "overdue_unmet"
    ENDED = "ended"


TASK_STATUS_NAMES: dict[TaskStatus, str] = {
    TaskStatus.NOT_STARTED: "未启动",
    TaskStatus.IN_PROGRESS: "推进中",
    TaskStatus.BEHIND: "滞后",
    TaskStatus.DONE: "完成",
    TaskStatus.OVERDUE_UNMET: "到期未完成",
    TaskStatus.ENDED: "已终止",
}


class Indicator(BaseModel):
    """What is counted: name, operator, target and unit; `latest` is the last reported value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    operator: Operator
    target: float | None = Field(default=None, allow_inf_nan=False)
    unit: str | None = None
    baseline: float | None = Field(default=None, allow_inf_nan=False)
    latest: float | None = Field(default=None, allow_inf_nan=False)
    latest_on: date | None = None

    def met(self) -> bool:
        """Whether the latest value satisfies the target; never true without both numbers."""
        if self.latest is None or self.target is None:
            return False
        match self.operator:
            case ">=":
                return self.latest >= self.target
            case "<=":
                return self.latest <= self.target
            case "=":
                return self.latest == self.target
            case "by":
                return False

    def ratio(self) -> float | None:
        """How far, as a share of 1: the way from the baseline where there is one, else of the target.

        None where nothing can be computed (no value yet, no target, or a target of zero).
        """
        if self.latest is None or self.target is None:
            return None
        if self.baseline is not None and self.baseline != self.target:
            return (self.latest - self.baseline) / (self.target - self.baseline)
        if self.operator == "<=":
            return self.target / self.latest if self.latest else None
        return self.latest / self.target if self.target else None


class Report(BaseModel):
    """One progress report of a task."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: date
    value: float | None
    text: str
    at: Moment
    by: Actor


AlertLevel = Literal["yellow", "orange", "red"]


class Alert(BaseModel):
    """The heavy-pollution warning that ordered a task, while the task lasts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    episode: str = Field(min_length=1, max_length=40)
    level: AlertLevel


class Task(Entry):
    kind: Kind = Kind.TASK
    item: str
    clause: str
    text: str
    department: str
    departments: tuple[str, ...] = ()
    """All departments of the clause, the first one leading."""
    town: str | None = None
    indicator: Indicator | None = None
    starts: date
    due: date | None = None
    """The last day (Asia/Shanghai) on which it is in time; None where it rolls on (滚动)."""
    frequency: Frequency = "weekly"
    owner: str | None = None
    difficulty: str | None = None
    next_step: str | None = None
    report: Report | None = None
    """The latest report; earlier ones stand in the history."""
    report_count: int = 0
    reported_periods: tuple[str, ...] = ()
    """Periods with a report: `2026-W47`, `2026-11`, `2026-Q4`; the last 120."""
    said_behind: bool = False
    done_on: date | None = None
    clocks: tuple[Deadline, ...] = Field(default=(), max_length=1)
    escalation: Escalation | None = None
    alert: Alert | None = None
    ended_on: date | None = None
    edited: bool = False
    """A person changed it since the pack last wrote it: the pack asks before it writes again."""

    def concerns(self, unit: str) -> bool:
        return unit in (self.department, self.town, *self.departments)

    def status(self, today: date) -> TaskStatus:
        """Evaluated at read time, since a deadline passes without anybody writing."""
        if self.ended_on is not None and self.ended_on <= today:
            return TaskStatus.ENDED
        if self.done_on is not None:
            return TaskStatus.DONE
        if self.due is not None and self.due < today:
            return TaskStatus.OVERDUE_UNMET
        if self.said_behind or self._lags(today):
            return TaskStatus.BEHIND
        return TaskStatus.IN_PROGRESS if self.report_count else TaskStatus.NOT_STARTED

    def _lags(self, today: date) -> bool:
        """Only where a straight line can be drawn: baseline, target, value, start and due day."""
        if self.indicator is None or self.indicator.baseline is None or self.due is None:
            return False
        way = self.indicator.ratio()
        span = (self.due - self.starts).days
        if way is None or span <= 0:
            return False
        return way < (today - self.starts).days / span - BEHIND_MARGIN


def periods_of(day: date) -> tuple[str, str, str]:
    """The ISO week, the month and the quarter in which a report of `day` counts."""
    year, week, _ = day.isocalendar()
    return (
        f"{year}-W{week:02d}",
        f"{day.year}-{day.month:02d}",
        f"{day.year}-Q{(day.month + 2) // 3}",
    )
