"""What a pack puts into the ledgers: rows of responsibilities and of tasks, before they live."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from shared.domain.responsibility import Part
from shared.domain.task import Operator


class _Row(BaseModel):
    # Not strict: the last applied pack is read back from its stored JSON.
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    line: str
    item: str
    clause: str
    text: str
    department: str


class ResponsibilityRow(_Row):
    """One clause, one department, one role. Id: `14.1-housing-shared`."""

    department_name: str
    role: Part
    effective_from: date
    """First day (Asia/Shanghai)."""


class IndicatorRow(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    operator: Operator
    target: float | None = None
    unit: str | None = None
    baseline: float | None = None


class TaskRow(_Row):
    """One thing to be done. Id: `T14.2-1`, for a headline target `TG-1`."""

    departments: tuple[str, ...]
    """All departments of the clause, the first one answering for the task."""
    indicator: IndicatorRow | None = None
    starts: date
    due: date | None = None
    """The last day (Asia/Shanghai) in time; None where it holds all the time."""
