"""A change as the live stream tells it, once the read model shows it."""

from datetime import datetime
from typing import Any

from pydantic import Field

from shared.adapters.mongo.read_model import Known
from shared.contract.messages import Change, Message
from shared.domain.actor import Actor
from shared.domain.entry import Kind
from shared.domain.moments import Moment
from shared.domain.responsibility import PERSONAL


class PublishedChange(Message):
    """The value on `<namespace>.changes`. `status`, `town`, `unit` and `title` are the entry's as
    it stood when this was published; the version may be behind it by then."""

    entry: str
    kind: Kind
    line: str
    version: int
    number: str | None = None
    rule: str
    actor: Actor
    reason: str | None = None
    changed: dict[str, list[Any]] = Field(default_factory=dict)
    at: Moment
    status: str | None = None
    town: str | None = None
    unit: str | None = None
    title: str | None = None
    published_at: Moment


def published(change: Change, known: Known | None, now: datetime) -> PublishedChange:
    """Without what only some roles may see: the stream does not ask who listens."""
    hidden = PERSONAL | {"terms"} if change.kind is Kind.RESPONSIBILITY else frozenset()
    return PublishedChange(
        entry=change.entry,
        kind=change.kind,
        line=change.line,
        version=change.version,
        number=change.number,
        rule=change.rule,
        actor=change.actor,
        reason=change.reason,
        changed={name: pair for name, pair in change.changed.items() if name not in hidden},
        at=change.at,
        status=known.status if known else None,
        town=known.town if known else None,
        unit=known.unit if known else None,
        title=known.title if known else None,
        published_at=now,
    )
