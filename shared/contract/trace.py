"""W3C trace context: which trace something belongs to, carried from process to process.

It is said beside a message, never in it: a trace must not change what a command means, and so neither
its digest nor its id. In a record it is the CloudEvents extension (`ce_traceparent`,
`ce_tracestate`), over HTTP the headers of those names, in a document a member of the outbox's item.
"""

import random
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Self

PARENT, STATE = "traceparent", "tracestate"
STATE_MOST, MEMBERS_MOST = 512, 32
"""Characters and members of a `tracestate`; a longer one is left behind, as the standard allows."""
_FORM = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NONE, _NO_SPAN, _NOT_A_VERSION = "0" * 32, "0" * 16, "ff"
_SAMPLED = 1
_KEY = r"(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
_MEMBER = re.compile(
    rf"({_KEY})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{{0,255}}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
)


@dataclass(frozen=True, slots=True)
class Trace:
    """A place in a trace: what happens because of it is told as its child."""

    id: str
    """32 hex digits."""
    span: str
    """16 hex digits."""
    sampled: bool
    """Whether somebody decided that this trace is to be told."""
    state: str = ""
    """What the tracing systems before us noted; handed on as it is."""

    def __str__(self) -> str:
        """As `traceparent`."""
        return f"00-{self.id}-{self.span}-0{int(self.sampled)}"

    def said(self) -> dict[str, str]:
        """As headers, or as members of a document."""
        return {PARENT: str(self), STATE: self.state} if self.state else {PARENT: str(self)}

    @classmethod
    def read(cls, parent: str | None, state: str | None = None) -> Self | None:
        """From the two headers; None where the first is missing or wrong: then a new trace begins,
        as the standard wants it. A wrong second one is left out."""
        form = _FORM.fullmatch(parent or "")
        if form is None:
            return None
        version, id_, span, flags, more = form.groups()
        if version == _NOT_A_VERSION or id_ == _NONE or span == _NO_SPAN:
            return None
        if version == "00" and more:
            return None
        return cls(id_, span, bool(int(flags, 16) & _SAMPLED), _right(state) if state else "")

    @classmethod
    def heard(cls, said: Mapping[str, str] | None) -> Self | None:
        """What `said` gave."""
        return cls.read(said.get(PARENT), said.get(STATE)) if said else None


def _right(state: str) -> str:
    """`state` where it is as it should be, else nothing."""
    members = [member.strip(" \t") for member in state.split(",") if member.strip(" \t")]
    found = [_MEMBER.fullmatch(member) for member in members]
    keys = [one[1] for one in found if one is not None]
    if len(keys) < len(members) or len(set(keys)) < len(keys) or len(keys) > MEMBERS_MOST:
        return ""
    joined = ",".join(members)
    return joined if len(joined) <= STATE_MOST else ""


def untold() -> Trace:
    """A trace that begins here and is told to no collector: log lines are found by it, and who gets
    it knows that it was decided."""
    digits = f"{random.getrandbits(192):048x}"
    return Trace(digits[:32], digits[32:], False)


def rather_told(first: Trace | None, second: Trace | None) -> Trace | None:
    """Of what two traces ask for and is done once: the first, unless only the second is told."""
    if first is None or (second is not None and second.sampled and not first.sampled):
        return second
    return first


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace | None:
    """What is being done now belongs to this trace."""
    return _current.get()


@contextmanager
def following(trace: Trace | None) -> Iterator[None]:
    """What the block does belongs to `trace`, or to none."""
    token = _current.set(trace)
    try:
        yield
    finally:
        _current.reset(token)


def of_request(pairs: Iterable[tuple[bytes, bytes]], prefix: str = "") -> Trace | None:
    """The trace that an HTTP request names; its headers as ASGI has them, in lower case."""
    parents, states = [], []
    for key, value in pairs:
        if key == f"{prefix}{PARENT}".encode():
            parents.append(value.decode("latin-1"))
        elif key == f"{prefix}{STATE}".encode():
            states.append(value.decode("latin-1"))
    # Two parents are none; a state may come in parts.
    return Trace.read(parents[0], ",".join(states)) if len(parents) == 1 else None


def of_record(pairs: Iterable[tuple[str, bytes]]) -> Trace | None:
    """The trace that a record's headers name: the event's own, else its transport's."""
    said = {key: value.decode("latin-1") for key, value in pairs if "trace" in key}
    if not said:
        return None
    return Trace.read(said.get(f"ce_{PARENT}"), said.get(f"ce_{STATE}")) or Trace.heard(said)


def as_headers(trace: Trace | None) -> list[tuple[str, bytes]]:
    """The CloudEvents extension of a record that is written for `trace`."""
    if trace is None:
        return []
    return [(f"ce_{name}", value.encode()) for name, value in trace.said().items()]
