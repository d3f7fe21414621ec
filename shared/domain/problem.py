"""A problem (问题清单): the row itself and the words it is described with."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.actor import Actor
from shared.domain.deadlines import Deadline
from shared.domain.entry import Entry, Kind, Place
from shared.domain.escalation import Escalation
from shared.domain.evidence import Evidence as Evidence
from shared.domain.evidence import EvidenceKind as EvidenceKind
from shared.domain.facts import Facts
from shared.domain.finding import Proof, Reach
from shared.domain.moments import Moment
from shared.domain.reading import SEVERITY_NAMES as SEVERITY_NAMES
from shared.domain.reading import Reading as Reading
from shared.domain.reading import Severity as Severity
from shared.domain.sightings import Sightings
from shared.domain.verification import Recurrence

EVIDENCE_LIMIT = 100
"""Evidence items that one problem holds."""
CHILDREN_LIMIT = 50
"""Problems that one problem is divided into; ended ones make room for new ones."""
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
UNTRUE = frozenset({Status.REJECTED, Status.MERGED, Status.MOVED})
"""Problems in these states say nothing of their place here: untrue, or told elsewhere."""
OPEN = frozenset(Status) - ENDED
"""Problems in these states still need somebody's work; a suspended one is open but not overdue."""
TIMED = OPEN - {Status.SUSPENDED, Status.SUBMITTED}
"""States in which a passed due time counts as overdue: whoever applied for closing waits for the
inspector, whose own clock runs then."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class External(_Part):
    """What a higher level handed down: its issuer, its number, its deadline."""

    issuer: str = Field(min_length=1, max_length=120)
    number: str | None = Field(default=None, max_length=80)
    due_at: Moment | None = None


class Progress(_Part):
    text: str
    at: Moment
    by: Actor


class Suspension(_Part):
    """A suspended problem: why, since when, and the state it resumes to."""

    reason: str
    since: Moment
    resumes_to: Status


class ExtensionRequest(_Part):
    """延期申请: what the unit asks for, until the line or the coordinator grants or declines it."""

    due_at: Moment
    reason: str
    at: Moment
    by: Actor


Result = Literal["qualified", "basically_qualified", "unqualified"]
RESULT_NAMES: dict[Result, str] = {
    "qualified": "合格",
    "basically_qualified": "基本合格",
    "unqualified": "不合格",
}


class Visit(_Part):
    """核查: what an inspector found on site; `evidence` are the hashes of what was taken there."""

    result: Result
    remark: str | None
    location: Place | None
    evidence: tuple[str, ...] = ()
    spot_check: bool
    """Whether the problem was closed already: 抽查."""
    at: Moment
    by: Actor


class Verdict(_Part):
    """How the inspection ended."""

    result: Literal["qualified", "basically_qualified"]
    remark: str | None
    at: Moment
    by: Actor


TownBy = Literal["reporter", "polygon", "nearest-seat"]
"""A person said so · it lies in the town's outline · the nearest seat: only a guess, which rankings
leave out until somebody confirms it."""


class Origin(_Part):
    """The rule that raised a problem, what about, and by which finding."""

    rule: str = Field(min_length=1, max_length=80)
    subject: str = Field(min_length=1, max_length=120)
    key: str = Field(min_length=1, max_length=200)
    """Findings of the same key belong to the same problem."""
    finding: str = Field(min_length=1, max_length=120)
    proves: bool = False
    """Whether the rule also says when it is over, with readings that show it."""


class Link(_Part):
    """A problem in some line."""

    id: str = Field(min_length=1, max_length=120)
    line: str = Field(min_length=1, max_length=40)


class Child(Link):
    """A problem that this one cannot be closed before, as its line told last."""

    number: str = Field(max_length=80)
    status: Status
    version: int = Field(ge=1)
    """Of the child when it told: what it told earlier and comes later changes nothing."""

    @property
    def ended(self) -> bool:
        """One that moved lives on in another line, which tells us next."""
        return self.status in ENDED and self.status is not Status.MOVED


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
    town_by: TownBy | None = None
    """How the town is known."""
    co_units: tuple[str, ...] = ()
    due_at: Moment | None = None
    """整改时限: that of the rectification clock, also after it ended."""
    clocks: tuple[Deadline, ...] = Field(default=(), max_length=4)
    """The clocks that run or are paused, at most one of a kind."""
    escalation: Escalation | None = None
    alert: str | None = None
    """The episode for which its clocks were shortened."""
    extension_request: ExtensionRequest | None = None
    assigned_at: Moment | None = None
    accepted_at: Moment | None = None
    started_at: Moment | None = None
    submitted_at: Moment | None = None
    rectified_by: tuple[str, ...] = ()
    """Units whose people rectified: none of them may approve."""
    closed_at: Moment | None = None
    verdict: Verdict | None = None
    notice_until: Moment | None = None
    """公示期 after closing: until then an objection reopens it."""
    visits: tuple[Visit, ...] = ()
    """The inspectors' visits (the last 20)."""
    visit_count: int = 0

    evidence: tuple[Evidence, ...] = ()
    progress: Progress | None = None
    progress_count: int = 0
    comment_count: int = 0
    returns: int = 0
    suggested_unit: str | None = None
    """The likely unit: by the responsibility ledger at first, later as whoever returned it says."""
    suggested_line: str | None = None
    extensions: int = 0
    reopened: int = 0
    recurrence: Recurrence | None = None
    """Set where the same category was found at the same place shortly before."""
    absorbed: tuple[str, ...] = ()
    """Ids of problems merged into this one (the last 50)."""
    absorbed_count: int = 0
    suspension: Suspension | None = None
    merged_into: str | None = None
    moved_to: str | None = None
    moved_from: str | None = None
    """The line it came from last."""

    origin: Origin | None = None
    """Set where a rule raised it, not a person."""
    accuracy: float | None = Field(default=None, gt=0)
    """Metres by which the position may be wrong; None: as good as whoever said it knew."""
    reach: Reach | None = None
    """How near another sighting must be to belong here: that of the sighting whose place it is."""
    sightings: Sightings | None = None
    facts: Facts = Field(default_factory=dict)
    proof: Proof | None = None
    """Readings that show that it is over; seen again, it is void."""
    ready_since: Moment | None = None
    """Since when it is ready for inspection by its readings; nothing is closed by itself."""
    parent: Link | None = None
    children: tuple[Child, ...] = ()

    @property
    def next_due_at(self) -> Moment | None:
        """When the first of its running clocks ends; None where nobody's clock runs."""
        return min((clock.due_at for clock in self.clocks if not clock.paused_at), default=None)

    def is_overdue(self, now: Moment) -> bool:
        """Evaluated at read time: a due time that passed while somebody should be working on it."""
        return self.status in TIMED and self.due_at is not None and self.due_at < now

    def concerns(self, unit: str) -> bool:
        """Whether `unit` is the one the problem was handed to, helps it, or is its town."""
        return unit in (self.unit, self.town, *self.co_units)
