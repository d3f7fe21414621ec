"""The messages that cross a process boundary: commands, answers, changes, and a line's card."""

import hashlib
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from shared.domain.actor import Actor
from shared.domain.entry import Kind
from shared.domain.moments import Moment
from shared.domain.refusal import Refusal


class Message(BaseModel):
    """Unknown members are ignored: an older reader must survive a newer writer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Command(Message):
    """What somebody wants done to one entry. The record's key is `entry`."""

    id: str = Field(min_length=1, max_length=120)
    kind: Kind
    entry: str = Field(min_length=1, max_length=120)
    name: str = Field(min_length=1, max_length=40)
    body: dict[str, Any] = {}
    actor: Actor
    expected_version: int | None = None
    issued_at: Moment
    hops: int = Field(default=0, ge=0, le=10)
    """How often it was routed on after a `moved` answer."""
    reply: bool = True
    """Whether somebody waits on `tenlines.replies`; handovers and pack changes say no."""

    def digest(self) -> str:
        """SHA-256 over what the command means: the same id with another digest is refused."""
        meaning = [self.kind, self.entry, self.name, self.body, self.expected_version]
        return hashlib.sha256(orjson.dumps(meaning, option=orjson.OPT_SORT_KEYS)).hexdigest()


class Answer(Message):
    """What became of a command: applied (`entry` as it stood then) or refused (`refusal`)."""

    command: str
    digest: str
    outcome: Literal["applied", "refused"]
    line: str
    kind: Kind
    entry_id: str
    name: str
    version: int | None = None
    rule: str | None = None
    entry: dict[str, Any] | None = None
    """The whole entry in its JSON form."""
    refusal: Refusal | None = None
    hops: int = 0
    at: Moment


class Change(Message):
    """One version of one entry: an element of its history, and the value on `<line>.history`."""

    entry: str
    kind: Kind
    line: str
    version: int
    before: int
    """The version before; 0 for the first."""
    rule: str
    command: str
    actor: Actor
    reason: str | None = None
    said: dict[str, Any] = {}
    """The command's body, as it was understood."""
    changed: dict[str, list[Any]] = {}
    """Field → [before, after], in JSON form."""
    number: str | None = None
    at: Moment


class Handover(Message):
    """Body of the internal command `receive`: a problem on its way to another line."""

    problem: dict[str, Any]
    """The source's stub in JSON form, as of its last version there."""
    status_before: str


class HandoverPart(Message):
    """Body of the internal command `receive-part`: earlier changes and answers, in bounded chunks."""

    changes: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []


class Named(Message):
    """A code with its names."""

    code: str
    zh: str
    en: str


class LineCard(Message):
    """What a line publishes about itself on `tenlines.registry`, keyed by `key`."""

    key: str
    kind: Literal["line", "desk"]
    order: int
    zh: str
    en: str
    leads: list[str]
    co_leads: list[str] = []
    items: list[str]
    number_prefix: str
    categories: list[Named]
    sources: list[Named]
    signals: list[Named] = []
    follows: list[str] = []
    topics: dict[str, str]
    address: str
    """Where its own HTTP API listens."""
    pack_number: int
    started_at: Moment
