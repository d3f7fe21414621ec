"""What a rule finds: a problem seen, seen again, or seen to be over.

A finding never touches a problem. It says where it belongs (`key`, or a place with a radius and a
time), and joining it to a problem is decided elsewhere, one finding of a key after the other.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.moments import Moment
from shared.domain.reading import Reading, Severity


class FindingKind(StrEnum):
    RAISE = "raise"
    """A problem is seen, for the first time or again."""
    CLEAR = "clear"
    """Readings have stayed within the limit for the county's hours: proof that it is over."""


class Reach(BaseModel):
    """How near another sighting must be, in space and time, to be the same thing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metres: float = Field(gt=0, le=20_000)
    hours: float = Field(gt=0, le=24 * 31)


class Proof(BaseModel):
    """Readings within the limit from `since` to `until`: their number and the highest of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: Moment
    until: Moment
    readings: int = Field(ge=1)
    highest: Reading | None = None


class Finding(BaseModel):
    """One finding as a rule states it; times are UTC, places WGS-84."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str = Field(min_length=1, max_length=80)
    kind: FindingKind = FindingKind.RAISE
    subject: str = Field(min_length=1, max_length=120)
    """What it is about: a device, a site, a vehicle, a place."""
    category: str
    severity: Severity
    source: str
    """How it became known: a code of the line's sources (`satellite`, `online_monitor`, …)."""
    title: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=2000)
    """What was measured, against which limit, by which standard, in a clerk's words."""
    seen_at: Moment
    reading: Reading | None = None
    town: str | None = None
    """The town that the reporter names; None: it is found from the position."""
    lon: float | None = None
    lat: float | None = None
    address: str | None = Field(default=None, max_length=300)
    site: str | None = Field(default=None, max_length=120)
    clause: str | None = None
    department: str | None = None
    """The likely unit where the rule knows better than the clause's lead."""
    reach: Reach | None = None
    """Set: it joins an open problem of its category that is near enough. None: one of its subject."""
    accuracy: float | None = Field(default=None, gt=0)
    """Metres by which the position may be wrong; the best position of a problem is kept."""
    line: str | None = None
    """Another line whose problem it is (a referral); None: the line whose rule found it."""
    parent: str | None = None
    """Subject of the finding of this line that this one is a part of."""
    proof: Proof | None = None
    """What a CLEAR shows."""
    proves: bool = False
    """Whether a CLEAR of the same follows when it is over; said by the engine, not by the rule."""
    facts: dict[str, Any] = Field(default_factory=dict, max_length=20)
    """What else speaks for it, small and flat: shown with the problem."""

    @property
    def key(self) -> str:
        """What must be decided together: by subject and category, or by category where distance
        decides."""
        return self.category if self.reach else f"{self.category}:{self.subject}"


def latest(*moments: datetime | None) -> datetime | None:
    """The latest of those that are there."""
    return max((m for m in moments if m is not None), default=None)
