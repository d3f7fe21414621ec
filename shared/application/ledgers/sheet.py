"""A sheet of somebody's file: rows of raw cells, with the numbers that Excel shows beside them."""

from dataclasses import dataclass

from shared.application.ledgers.cells import Raw

ROWS_MOST = 20_000
"""Rows with something in them that one import takes."""


@dataclass(frozen=True)
class SheetRow:
    number: int
    """As Excel shows it, from 1."""
    cells: tuple[Raw, ...]


@dataclass(frozen=True)
class Sheet:
    kind: str
    """`xlsx`, `xls` or `csv`."""
    name: str
    rows: tuple[SheetRow, ...]
    """Only rows that are not empty."""
    notes: tuple[str, ...] = ()
    """What its reader should know about how it was read."""
