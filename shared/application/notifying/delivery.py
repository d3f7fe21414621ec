"""A delivery: one change on its way to one receiver, and the facts that are told of it."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from shared.domain.actor import Role
from shared.domain.identity import derived
from shared.domain.moments import Moment
from shared.domain.reading import Severity

KEPT_DAYS = 30


class Event(BaseModel):
    """What is told of a change: no reporter, no actor, no free text but the title.

    Codes come with their Chinese names as they were then: a message that is sent again says the
    same. `towns`, `units` and `roles` are whom it concerns.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    entry: str
    version: int
    rule: str
    rule_name: str
    at: Moment
    line: str
    line_name: str
    number: str | None = None
    title: str = ""
    status: str | None = None
    status_name: str | None = None
    severity: Severity | None = None
    town: str | None = None
    town_name: str | None = None
    unit: str | None = None
    unit_name: str | None = None
    due_at: Moment | None = None
    level: str | None = None
    """Of an escalation: reminded, urged, …"""
    towns: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()


class State(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    """Given up after the last try; it can be sent again by hand."""
    TOO_OLD = "too_old"
    """Never tried: by the time it could have been sent it was old news."""


class Attempt(BaseModel):
    """How the last try went. `status` is the HTTP status, where there was an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: Moment
    status: int | None = None
    detail: str
    millis: int = 0


class Delivery(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    webhook: str
    event: Event
    state: State = State.PENDING
    created_at: Moment
    next_try_at: Moment
    """A try in progress moves it past its own end, so that one that died is due again then."""
    fresh_until: Moment
    """After this it is not sent any more."""
    tries: int = 0
    claim: str | None = None
    """Names the try that may say how it went."""
    last: Attempt | None = None
    delivered_at: Moment | None = None


def delivery_id(webhook: str, entry: str, version: int) -> str:
    """The same however often the change is read: also the `webhook-id` that the receiver sees."""
    return derived("delivery", webhook, entry, str(version))
