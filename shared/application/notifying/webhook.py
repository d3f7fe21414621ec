"""A webhook: somebody outside who wants to be told, of what, and how it has gone so far."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.actor import Role
from shared.domain.moments import Moment
from shared.domain.reading import Severity

EVERYTHING = "*"


class Format(StrEnum):
    """Whose language the body speaks."""

    TENLINES = "tenlines"
    WECOM = "wecom"
    DINGTALK = "dingtalk"

    @property
    def robot(self) -> bool:
        """A group robot: it takes few messages a minute and answers 200 also when it refuses."""
        return self is not Format.TENLINES


class Health(BaseModel):
    """How the receiver behaves. Written by whoever delivers; a webhook's version does not rise."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    failures: int = 0
    """Tries that failed since the last one that did not."""
    failing_since: Moment | None = None
    held_until: Moment | None = None
    """Before this nothing is sent: it failed for long, or asked for a pause."""
    last_ok_at: Moment | None = None
    last_error: str | None = None


class Filters(BaseModel):
    """What is told. Empty means all; several values of one field mean any of them; fields must
    all hold."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    events: tuple[str, ...] = (EVERYTHING,)
    """Rule names such as `problem.assign`, or `*`."""
    lines: tuple[str, ...] = ()
    towns: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    """Codes of units with any part in it: responsible, helping, its town; now or just before."""
    roles: tuple[Role, ...] = ()
    """For whom it is meant: only events that concern one of these roles."""
    severity: Severity | None = None
    """The least."""


class Webhook(BaseModel):
    """A subscription. `secret` and `url` (a robot's key is part of it) are never shown or logged,
    also not by `repr`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    name: str
    url: str = Field(repr=False)
    format: Format
    filters: Filters = Filters()
    secret: str | None = Field(default=None, repr=False)
    keyword: str | None = None
    """What the robot demands to find in every message."""
    active: bool = True
    version: int = Field(default=1, ge=1)
    created_at: Moment
    updated_at: Moment
    since: Moment
    """Changes before this are not told: when it was created, or made active again."""
    digest: str = Field(default="", repr=False)
    """Of the request that created it: a retry is known by it."""
    health: Health = Health()


class Turn(BaseModel):
    """Whether one more message may go to a robot now."""

    model_config = ConfigDict(frozen=True)

    granted: bool
    used: int
    """Messages within the window, this one included where it was granted."""
    free_at: datetime
    """When the next one may go."""
