"""A problem (问题清单): the row itself and the words it is described with."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.actor import Actor
from shared.domain.entry import Entry, Kind, Place
from shared.domain.moments import Moment

EVIDENCE_LIMIT = 100
"""Evidence items that one problem holds."""
COMMENT_LIMIT, PROGRESS_LIMIT = 1000, 1000
"""Comments and progress reports that one problem takes; their texts stand in the history."""


class Status(StrEnum):
    REGISTERED = "registered"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    RECTIFYING = "rectifying"
    SUBMITTED = "submitted"
    CLOSED = "closed"
    REJECTED = "rejected"
    MERGED = "merged"
    SUSPENDED = "suspended"
    MOVED = "moved"


STATUS_NAMES: dict[Status, str] = {
    Status.REGISTERED: "立案",
    Status.ASSIGNED: "交办",
    Status.ACCEPTED: "签收",
    Status.RECTIFYING: "整改中",
    Status.SUBMITTED: "申请销号",
    Status.CLOSED: "销号",
    Status.REJECTED: "不属实",
    Status.MERGED: "并案",
    Status.SUSPENDED: "挂账",
    Status.MOVED: "转办",
}

ENDED = frozenset({Status.CLOSED, Status.REJECTED, Status.MERGED, Status.MOVED})
OPEN = frozenset(Status) - ENDED
"""Problems in these states still need somebody's work; a suspended one is open but not overdue."""
TIMED = OPEN - {Status.SUSPENDED}
"""States in which a passed due time counts as overdue."""


class Severity(StrEnum):
    GENERAL = "general"
    SERIOUS = "serious"
    CRITICAL = "critical"


SEVERITY_NAMES: dict[Severity, str] = {
    Severity.GENERAL: "一般",
    Severity.SERIOUS: "较重",
    Severity.CRITICAL: "严重",
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reading(_Part):
    """A measured value beside the limit it is held against; `unit` is UCUM."""

    quantity: str = Field(min_length=1, max_length=40)
    value: float = Field(allow_inf_nan=False)
    unit: str = Field(min_length=1, max_length=20)
    limit: float | None = Field(default=None, allow_inf_nan=False)
    standard: str | None = Field(default=None, max_length=80)


class External(_Part):
    """What a higher level handed down: its issuer, its number, its deadline."""

    issuer: str = Field(min_length=1, max_length=120)
    number: str | None = Field(default=None, max_length=80)
    due_at: Moment | None = None


EvidenceKind = Literal["before", "during", "after", "reading", "document"]


class Evidence(_Part):
    """A file known by its hash, and what it is said to show."""

    kind: EvidenceKind
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    taken_at: Moment | None = None
    location: Place | None = None
    attached_at: Moment
    attached_by: Actor


class Progress(_Part):
    text: str
    at: Moment
    by: Actor


class Suspension(_Part):
    """A suspended problem: why, since when, and the state it resumes to."""

    reason: str
    since: Moment
    resumes_to: Status


class Verdict(_Part):
    """How the inspection ended."""

    result: Literal["qualified", "basically_qualified"]
    remark: str | None
    at: Moment
    by: Actor


class Problem(Entry):
    kind: Kind = Kind.PROBLEM
    number: str
    """What people say: `扬尘-2026-00001`. It never changes, also not by transfer."""
    status: Status
    title: str
    description: str
    category: str
    severity: Severity
    source: str
    location: Place
    site: str | None = None
    clause: str | None = None
    found_at: Moment
    reported_at: Moment
    reported_by: Actor
    reading: Reading | None = None
    external: External | None = None

    unit: str | None = None
    """The responsible unit: code of a department, town or park."""
    town: str | None = None
    """The responsible town or park; at first the one of the place."""
    co_units: tuple[str, ...] = ()
    due_at: Moment | None = None
    assigned_at: Moment | None = None
    accepted_at: Moment | None = None
    started_at: Moment | None = None
    submitted_at: Moment | None = None
    rectified_by: tuple[str, ...] = ()
    """Units whose people rectified: none of them may approve."""
    closed_at: Moment | None = None
    verdict: Verdict | None = None

    evidence: tuple[Evidence, ...] = ()
    progress: Progress | None = None
    progress_count: int = 0
    comment_count: int = 0
    returns: int = 0
    suggested_unit: str | None = None
    suggested_line: str | None = None
    extensions: int = 0
    reopened: int = 0
    absorbed: tuple[str, ...] = ()
    """Ids of problems merged into this one (the last 50)."""
    absorbed_count: int = 0
    suspension: Suspension | None = None
    merged_into: str | None = None
    moved_to: str | None = None
    moved_from: str | None = None
    """The line it came from last."""

    def is_overdue(self, now: Moment) -> bool:
        """Evaluated at read time: a due time that passed while somebody should be working on it."""
        return self.status in TIMED and self.due_at is not None and self.due_at < now

    def concerns(self, unit: str) -> bool:
        """Whether `unit` is the one the problem was handed to, helps it, or is its town."""
        return unit in (self.unit, self.town, *self.co_units)
