"""A report as it stands on paper, before anybody knows in which kind of file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Cell = str | int | float | None


@dataclass(frozen=True)
class Column:
    title: str
    width: float
    """Chinese characters that fit on a line."""
    align: Literal["left", "center"] = "center"


@dataclass(frozen=True)
class Section:
    heading: str | None
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]
    group: str | None = None
    """What its rows have in the column `Paper.group` of a workbook."""


@dataclass(frozen=True)
class Paper:
    """One document. `lead` stands between the title and the tables, `notes` at the end."""

    title: str
    office: str
    day: str
    sections: tuple[Section, ...]
    lead: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    group: str | None = None
    """Where sections are parts of one list: the name of the column that tells them apart in a
    workbook, which holds them as one table."""
    sheets: tuple[str, ...] = field(default=("清单",))
    """Names of a workbook's sheets, one a section; one in all for a list in groups."""
