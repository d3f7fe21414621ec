"""What a decision may know besides the entry: who acts, when, in which line of which county."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.actor import Actor
from shared.domain.evidence import FileFacts
from shared.domain.timing import Timing
from shared.domain.verification import Earlier, Verification


class Directory(Protocol):
    """The county's facts that decisions need. The county pack answers them."""

    @property
    def timing(self) -> Timing:
        """How long things may take."""
        ...

    @property
    def verification(self) -> Verification:
        """How closing is checked."""
        ...

    def town_name(self, code: str) -> str | None:
        """Name of a town or park; None when the county has no such code."""
        ...

    def unit_name(self, code: str) -> str | None:
        """Name of a department, town or park that work can be given to; None when unknown."""
        ...

    def has_clause(self, clause: str) -> bool: ...

    def contains(self, lon: float, lat: float) -> bool:
        """Whether a WGS-84 position can be in the county."""
        ...

    def line_name(self, key: str) -> str | None:
        """Chinese name of a line or of the desk; None when unknown."""
        ...


@dataclass(frozen=True)
class LineFacts:
    """What the deciding line says of itself."""

    key: str
    number_prefix: str
    categories: frozenset[str]
    sources: frozenset[str]


@dataclass(frozen=True)
class Context:
    actor: Actor
    now: datetime
    line: LineFacts
    directory: Directory
    files: Mapping[str, FileFacts] | None = None
    """The stored files among those that the command names, by SHA-256; None: nobody looked, so
    none is refused for being missing."""
    earlier: tuple[Earlier, ...] = ()
    """At a registration: problems of the same category at the same place, as the ledger has them."""
