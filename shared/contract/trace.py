"""W3C trace context: which trace something belongs to, carried from process to process.

It is said beside a message, never in it: a trace must not change what a command means, and so neither
its digest nor its id. In a record it is the CloudEvents extension `traceparent`, over HTTP the header
of that name. `tracestate` is not carried: no one here writes it, and the standard lets it go.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Self

HEADER = "traceparent"
_FORM = re.compile(r"^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$")
_NONE, _NO_SPAN, _NOT_A_VERSION = "0" * 32, "0" * 16, "ff"
_SAMPLED = 1


@dataclass(frozen=True)
class Trace:
    """A place in a trace: what happens because of it is told as its child."""

    id: str
    """32 hex digits."""
    span: str
    """16 hex digits."""
    sampled: bool
    """Whether somebody decided that this trace is to be told."""

    def __str__(self) -> str:
        """As `traceparent`."""
        return f"00-{self.id}-{self.span}-{int(self.sampled):02x}"

    @classmethod
    def read(cls, said: str | None) -> Self | None:
        """From a `traceparent`; None for what is none, which the standard says to pass over."""
        form = _FORM.match(said or "")
        if form is None:
            return None
        version, id_, span, flags, more = form.groups()
        if version == _NOT_A_VERSION or id_ == _NONE or span == _NO_SPAN:
            return None
        if version == "00" and more:
            return None
        return cls(id_, span, bool(int(flags, 16) & _SAMPLED))


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


def of_record(pairs: Iterable[tuple[str, bytes]]) -> Trace | None:
    """The trace that a record's headers name, as a CloudEvent's extension or bare."""
    for key, value in pairs:
        if key in (f"ce_{HEADER}", HEADER):
            return Trace.read(value.decode("ascii", "replace"))
    return None
