"""The bodies of a problem's commands, as a clerk or a device fills them in."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.domain.entry import Place
from shared.domain.facts import Facts
from shared.domain.finding import Proof, Reach
from shared.domain.moments import Moment
from shared.domain.problem import Child, EvidenceKind, External, Link, Origin, Result, TownBy
from shared.domain.reading import Reading, Severity
from shared.domain.sightings import Sightings

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class Body(BaseModel):
    """Unknown fields are errors: a typo must not silently mean nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(Body):
    """Commands that need no words, but take a reason."""

    reason: Reason | None = None


class WithReason(Body):
    reason: Reason


class FromRule(Body):
    """What only the product itself says of a problem: which rule raised it, and what it knew.

    `found_at` and `reading` of the registration become its first sighting.
    """

    origin: Origin
    town_by: TownBy | None = None
    accuracy: float | None = Field(default=None, gt=0)
    reach: Reach | None = None
    suggested_unit: str | None = Field(default=None, max_length=40)
    """Kept where the county has such a unit."""
    parent: Link | None = None
    facts: Facts = Field(default_factory=dict)


class Register(Body):
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""
    category: Code = "other"
    severity: Severity
    source: Code = "report"
    location: Place
    site: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] | None = None
    clause: Code | None = None
    found_at: Moment | None = None
    reading: Reading | None = None
    external: External | None = None
    finding: FromRule | None = None
    """只由系统填写 filled in by the product itself, where a rule raised the problem."""


class Assign(Body):
    unit: Code
    town: Code | None = None
    co_units: tuple[Code, ...] = Field(default=(), max_length=20)
    due_at: Moment | None = None


class Return(Body):
    """退回: says why, and who would be right."""

    reason: Reason
    suggested_unit: Code | None = None
    suggested_line: Code | None = None

    @model_validator(mode="after")
    def _names_a_better_one(self) -> "Return":
        if (self.suggested_unit is None) == (self.suggested_line is None):
            raise ValueError(
                "退回时请写明建议承办单位 suggested_unit 或建议工作线 suggested_line(二选一)"
            )
        return self


class ReportProgress(Body):
    text: Text


class EvidenceItem(Body):
    kind: EvidenceKind
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    taken_at: Moment | None = None
    location: Place | None = None


class Approve(Body):
    result: Literal["qualified", "basically_qualified"]
    remark: Text | None = None
    evidence: tuple[EvidenceItem, ...] = Field(default=(), max_length=20)


class Inspect(Body):
    """核查: a visit to the site. Unqualified, the problem goes back to whoever rectifies."""

    result: Result
    remark: Text | None = None
    location: Place | None = None
    evidence: tuple[EvidenceItem, ...] = Field(default=(), max_length=20)

    @model_validator(mode="after")
    def _says_what_is_wrong(self) -> "Inspect":
        if self.result == "unqualified" and self.remark is None:
            raise ValueError(
                "核查不合格须在 remark 写明问题 / an unqualified visit says what is wrong"
            )
        return self


class Extend(Body):
    due_at: Moment
    reason: Reason


class AskExtension(Body):
    """延期申请: until when, and why."""

    due_at: Moment
    reason: Reason


class Shorten(Body):
    """Internal: a heavy-pollution warning is in force."""

    episode: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    level: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    reason: Reason


class Merge(Body):
    into: Code
    reason: Reason | None = None


class Transfer(Body):
    line: Code
    reason: Reason


class Comment(Body):
    text: Text


class ChangeSeverity(Body):
    severity: Severity
    reason: Reason


class Absorb(Body):
    """Internal: the other end of a merge."""

    problem: Code
    number: str
    children: tuple[Child, ...] = Field(default=(), max_length=50)
    """What the other one was divided into is now waited for here."""


class Observe(Body):
    """Internal: sightings of a problem since the last ones that it was told of."""

    sightings: Sightings
    severity: Severity
    location: Place | None = None
    """The best position among them, with how well it is known."""
    town_by: TownBy | None = None
    accuracy: float | None = Field(default=None, gt=0)
    reach: Reach | None = None
    parent: Link | None = None
    facts: Facts = Field(default_factory=dict)


class Prove(Body):
    """Internal: readings that show that it is over."""

    proof: Proof
    facts: Facts = Field(default_factory=dict)


class AboutChild(Body):
    """Internal: a child as its line has it now."""

    child: Child
