"""A ledger as CSV that Excel opens as it is: UTF-8 with a BOM, and no text taken for a formula."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from shared.adapters.workbook.forms import FileColumn, file_address, wall_time
from shared.application.ledgers.cells import Cell, CellKind, Files, clean

# What Excel takes for the beginning of a formula, the wide forms too; apostrophes ahead of it are
# counted in, so that taking one away always gives back what was there.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")


def guarded(text: str) -> str:
    """`text` such that no spreadsheet takes it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """What `guarded` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


class CsvWriter:
    """Gives out bytes; keeps nothing. `base` is the address under which files are linked."""

    def __init__(self, columns: Sequence[FileColumn], base: str) -> None:
        self._columns, self._base = columns, base

    def head(self) -> bytes:
        return codecs.BOM_UTF8 + _lines([[column.heading for column in self._columns]])

    def add(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        return _lines([self._said(i, cell) for i, cell in enumerate(row)] for row in rows)

    def _said(self, index: int, cell: Cell) -> str:
        match cell:
            case None:
                return ""
            case str():
                return guarded(clean(cell))
            case datetime():
                return wall_time(cell).isoformat(" ", "seconds")
            case date():
                return cell.isoformat()
            case Files():
                return "\n".join(file_address(self._base, each) for each in cell.hashes)
            case _ if self._columns[index].kind is CellKind.SHARE:
                return f"{cell:.1%}"
            case _:
                return f"{cell:.15g}"


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
