"""A responsibility (责任清单): one clause, one department, one role, and since when."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from shared.domain.entry import Entry, Kind

TERMS_KEPT = 60


class Part(StrEnum):
    """A department's part in a clause."""

    LEAD = "lead"
    SHARED = "shared"
    SUPPORT = "support"


PART_NAMES: dict[Part, str] = {Part.LEAD: "牵头", Part.SHARED: "分工负责", Part.SUPPORT: "配合"}

PERSONAL = frozenset({"person", "phone", "leader"})
"""Fields that only roles which need them are shown."""


class Term(BaseModel):
    """How a responsibility read from one day to another (Asia/Shanghai; `until` is exclusive)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: date
    until: date | None = None
    text: str
    department_name: str
    person: str | None = None
    section: str | None = None
    phone: str | None = None
    leader: str | None = None


class Responsibility(Entry):
    """The top-level fields are those of the latest term; `terms` answers "who was, on that day"."""

    kind: Kind = Kind.RESPONSIBILITY
    item: str
    clause: str
    text: str
    department: str
    department_name: str
    role: Part
    town: str | None = None
    effective_from: date
    """The first day of the first term."""
    effective_to: date | None = None
    """The day from which nobody is responsible by this row; None while it holds."""
    person: str | None = None
    section: str | None = None
    phone: str | None = None
    leader: str | None = None
    terms: tuple[Term, ...]
    edited: bool = False
    """A person changed it since the pack last wrote it: the pack asks before it writes again."""

    def concerns(self, unit: str) -> bool:
        return unit in (self.department, self.town)

    def term_on(self, day: date) -> Term | None:
        """The term that held on `day`; None where the row did not hold."""
        for term in self.terms:
            if term.since <= day and (term.until is None or day < term.until):
                return term
        return None
