"""Rows as high as what is wrapped in them.

Excel fits heights when it opens a file; other programs and every printer driver of theirs show one
line of each cell instead.
"""

from collections.abc import Sequence
from math import ceil
from typing import Any

from xlsxwriter.worksheet import Worksheet

from shared.adapters.workbook.forms import FileColumn
from shared.application.ledgers.cells import Cell

LINE, ROOM = 13.5, 4.0
"""Points of a line of text and around it."""
LINES_MOST = 30


class FittedSheet(Worksheet):  # type: ignore[misc]
    """A sheet whose rows have a height of their own until somebody writes into them.

    The library knows only heights that stay as they are: a clerk's longer text would be cut off.
    It also keeps every height until the end, and a ledger has a million rows.
    """

    def __init__(self) -> None:
        super().__init__()
        self._heights: dict[int, float] = {}

    def fit(self, row: int, height: float) -> None:
        """To be said before the next row is written."""
        self._heights[row] = height

    def _write_row(self, row: int, *more: Any, **others: Any) -> None:
        self._height = self._heights.pop(row, None)
        super()._write_row(row, *more, **others)

    def _xml_start_tag_unencoded(self, tag: str, attributes: Any = ()) -> None:
        if tag == "row" and self._height is not None:
            attributes = [*attributes, ("ht", f"{self._height:g}")]
        super()._xml_start_tag_unencoded(tag, attributes)


def height_of(cells: Sequence[Cell], columns: Sequence[FileColumn]) -> float | None:
    """Points for the longest text; None for a row of single lines."""
    lines = 1
    for cell, column in zip(cells, columns, strict=True):
        if isinstance(cell, str) and (len(cell) * 2 > column.width or "\n" in cell):
            lines = max(lines, sum(_lines(part, column.width) for part in cell.split("\n")))
    return min(lines, LINES_MOST) * LINE + ROOM if lines > 1 else None


def _lines(text: str, width: float) -> int:
    # In GB 18030 a Chinese character takes two bytes, and twice the room of a letter.
    return max(1, ceil(len(text.encode("gb18030", "replace")) / width))
