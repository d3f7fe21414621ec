"""Rows of a CSV file, one at a time, with the number of the line on which each stands."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import TextIO

MAX_LINE = 65_536
"""Characters. A longer line is no row of a table, and must not fill the memory."""
MAX_LINES = 8
"""Over which a quoted cell may go."""

MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "-", "--", "—"})
"""How tables write that there is no value (lower case)."""


class BadTable(Exception):
    """The file is not the table it should be; the text says what is needed."""


@dataclass(frozen=True)
class RowError:
    """Why a row was left out. `line` counts from 1 with the header; `column` may be empty."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column or '-'}: {self.reason}"


class Wrong(Exception):
    """A cell that cannot be used."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


@dataclass(frozen=True)
class Row:
    line: int
    cells: dict[str, str]
    """By column name, without space around; empty where the table lacks the column."""

    def error(self, wrong: Wrong) -> RowError:
        return RowError(self.line, wrong.column, wrong.reason)

    def text(self, column: str) -> str:
        return self.cells.get(column, "")

    def needed(self, column: str) -> str:
        """Raises Wrong when there is no value."""
        found = self.text(column)
        if found.lower() in MISSING:
            raise Wrong(column, "缺少 / missing")
        return found

    def number(self, column: str, low: float, high: float) -> float | None:
        """None where missing. Raises Wrong for what is no number or cannot be true."""
        found = self.text(column)
        if found.lower() in MISSING:
            return None
        try:
            value = float(found)
        except ValueError:
            raise Wrong(column, f"“{found[:40]}”不是数字 / not a number") from None
        if not isfinite(value) or not low <= value <= high:
            raise Wrong(
                column,
                f"{found[:40]} 不在 {low:g}–{high:g} 之间,请核对单位 / out of range, check the unit",
            )
        return value

    def needed_number(self, column: str, low: float, high: float) -> float:
        self.needed(column)
        value = self.number(column, low, high)
        assert value is not None
        return value

    def whole(self, column: str, low: int, high: int) -> int:
        value = self.needed_number(column, low, high)
        if value != int(value):
            raise Wrong(column, f"“{self.text(column)[:40]}”不是整数 / not a whole number")
        return int(value)


def read_rows(
    lines: Iterable[str], needed: frozenset[str] = frozenset()
) -> Iterator[Row | RowError]:
    """The rows under the header. Raises BadTable when there is none or columns are `needed`.

    A quoted cell may go over a few lines, but a quote that is never closed spoils only its own
    line: the lines after it are tried again as rows of their own.
    """
    header: list[str] | None = None
    numbered = _PushBack(enumerate(lines, 1))
    for number, line in numbered:
        if len(line) > MAX_LINE:
            yield RowError(number, "", f"长于 {MAX_LINE} 字 / line too long")
            continue
        if not line.strip():
            continue
        cells, fault = _cells(line, numbered, len(header) if header else None)
        if cells is None:
            yield RowError(number, "", fault)
        elif header is None:
            header = cells
            lacking = needed - set(header)
            if lacking:
                raise BadTable(f"缺少列 / columns are missing: {'、'.join(sorted(lacking))}")
            if len(set(header)) < len(header):
                raise BadTable("有两列同名 / two columns have one name")
        else:
            yield Row(number, dict(zip(header, cells, strict=True)))
    if header is None:
        raise BadTable("空文件,没有表头 / an empty file")


class _PushBack(Iterator[tuple[int, str]]):
    """Numbered lines, of which some can be given back to come again."""

    def __init__(self, lines: Iterator[tuple[int, str]]) -> None:
        self._lines = lines
        self._again: deque[tuple[int, str]] = deque()

    def __next__(self) -> tuple[int, str]:
        return self._again.popleft() if self._again else next(self._lines)

    def again(self, lines: list[tuple[int, str]]) -> None:
        self._again.extendleft(reversed(lines))


def _cells(first: str, more: _PushBack, columns: int | None) -> tuple[list[str] | None, str]:
    """The cells of the row that begins with line `first`, or None and what is wrong."""
    joined, taken = first, list[tuple[int, str]]()
    while True:
        cells, fault, unfinished = _parsed(joined)
        if cells is not None and columns is not None and len(cells) != columns:
            cells = None
            fault = f"与表头 {columns} 列不符 / not as many cells as columns"
        following = next(more, None) if unfinished and len(taken) + 1 < MAX_LINES else None
        if following is None:
            if cells is None:
                more.again(taken)
            return cells, fault
        taken.append(following)
        joined += following[1]


def _parsed(text: str) -> tuple[list[str] | None, str, bool]:
    """Cells, or what is wrong and whether a further line could mend it."""
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        cells = next(reader)
    except csv.Error as error:
        return None, f"不是 CSV / {error}", "unexpected end" in str(error)
    return [cell.strip() for cell in cells], "", False


def lines_of(file: TextIO) -> Iterator[str]:
    """The lines of `file`; one that is too long is cut, the rest of it is skipped."""
    while line := file.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            rest = line
            while rest and not rest.endswith("\n"):
                rest = file.readline(MAX_LINE)
        yield line
