"""What every row of the three ledgers has: an id, a version without gaps, and who changed it last."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.actor import Actor
from shared.domain.moments import Moment


class Kind(StrEnum):
    PROBLEM = "problem"
    TASK = "task"
    RESPONSIBILITY = "responsibility"


class Entry(BaseModel):
    """A row of a ledger, as it stands after its version-th change."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_enum_values=False)

    id: str
    kind: Kind
    line: str
    """The line in whose ledger it stands."""
    version: int = Field(ge=1)
    created_at: Moment
    updated_at: Moment
    updated_by: Actor


class Place(BaseModel):
    """A place in WGS-84 degrees; `town` is the code of a town or park of the county."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    town: str | None = Field(default=None, max_length=12)
    address: str | None = Field(default=None, max_length=300)
