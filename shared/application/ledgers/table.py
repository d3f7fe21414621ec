"""A ledger as a table: columns with Chinese headings over entries of one kind."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Generic, TypeVar

from shared.application.ledgers.cells import Cell, CellKind
from shared.application.ledgers.words import Words

R = TypeVar("R")


class Use(Enum):
    """What an import makes of a column."""

    PLAIN = "plain"
    """Nothing: it follows from other things, or is counted."""
    KEY = "key"
    """It says which problem the row is."""
    REGISTER = "register"
    """It makes a new row's problem; in a row that came back it must be as it was."""
    PROGRESS = "progress"
    KEPT = "kept"
    """Other commands write it: it must be as it was, and is empty in a new row."""
    LOOSE = "loose"
    """Nothing of ours holds what is written here: whoever fills it in is told so."""
    MARK = "mark"


@dataclass(frozen=True)
class Person:
    name: str | None
    phone: str | None


@dataclass(frozen=True)
class Showing:
    """What cells are made with. `now` is UTC, `today` and `as_of` are days in Asia/Shanghai."""

    words: Words
    now: datetime
    today: date
    as_of: date | None = None
    people: Mapping[tuple[str, str], Person] = field(default_factory=dict)
    """(clause, department) → who is responsible there, by the responsibility ledger."""
    batches: dict[str, int] = field(default_factory=dict)
    """Problem → the batch in which it was published; filled for the problems that are shown next."""


@dataclass(frozen=True)
class Column(Generic[R]):
    heading: str
    width: float
    """In characters of a Latin font, as spreadsheets count; a Chinese one takes two."""
    cell: Callable[[R, Showing], Cell]
    kind: CellKind = CellKind.TEXT
    use: Use = Use.PLAIN
    personal: bool = False
    """Only for readers who see people."""
    hidden: bool = False
    choices: Callable[[Words], Sequence[str]] | None = None
    """What a clerk may choose from in a new row."""


SERIAL = "序号"


@dataclass(frozen=True)
class Ledger(Generic[R]):
    """`columns` stand in the order of the office's form; the serial number comes before them."""

    name: str
    zh: str
    columns: tuple[Column[R], ...]

    def for_reader(self, people: bool) -> "Ledger[R]":
        """Without the personal columns where the reader does not see people."""
        kept = self.columns if people else tuple(c for c in self.columns if not c.personal)
        return Ledger(self.name, self.zh, kept)

    def headings(self) -> list[str]:
        return [SERIAL, *(column.heading for column in self.columns)]

    def row(self, serial: int, entry: R, showing: Showing) -> list[Cell]:
        return [serial, *(column.cell(entry, showing) for column in self.columns)]
