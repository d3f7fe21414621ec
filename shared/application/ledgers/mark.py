"""The hidden mark of an exported row: which version it shows, and which progress it said.

A row may come back weeks later. Its mark tells what its reader wrote from what has happened since.
"""

import hashlib
import re
from dataclasses import dataclass

_MARK = re.compile(r"(?P<entry>[^@#\s]{1,120})@(?P<version>[1-9]\d{0,8})#(?P<sum>[0-9a-f]{8})")


@dataclass(frozen=True)
class Mark:
    entry: str
    version: int
    progress: str
    """Check sum of the progress text."""

    @classmethod
    def of(cls, entry: str, version: int, progress: str) -> "Mark":
        return cls(entry, version, _sum(progress))

    @classmethod
    def read(cls, said: str) -> "Mark | None":
        found = _MARK.fullmatch(said.strip())
        return cls(found["entry"], int(found["version"]), found["sum"]) if found else None

    def said(self, progress: str) -> bool:
        """Whether the row was exported with this progress text."""
        return self.progress == _sum(progress)

    def __str__(self) -> str:
        return f"{self.entry}@{self.version}#{self.progress}"


def _sum(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()[:8]
