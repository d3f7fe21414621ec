"""A paper as an Excel file: text stays text, the head stays in sight, numbers can be summed."""

import io
import re
from math import ceil
from typing import Any

import xlsxwriter

from shared.adapters.documents.text import shown
from shared.application.reports.paper import Cell, Column, Paper, Section

_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")
_TEXT_MOST = 32_767
"""Characters that a cell of Excel holds."""


def xlsx(paper: Paper) -> bytes:
    """The file. Nothing that a reporter wrote can become a formula or a link."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "constant_memory": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": shown(paper.title), "author": shown(paper.office)})
    for name, section in zip(paper.sheets, _sections(paper), strict=True):
        sheet = book.add_worksheet(_NOT_IN_A_NAME.sub(" ", name)[:31])
        _Sheet(book, sheet, paper).write(section)
    book.close()
    return out.getvalue()


def _sections(paper: Paper) -> tuple[Section, ...]:
    """A list in groups becomes one table, the group in its first column."""
    if paper.group is None or not paper.sections:
        return paper.sections
    group = Column(paper.group, 8)
    rows = [(s.group, *row) for s in paper.sections for row in s.rows]
    return (Section(None, (group, *paper.sections[0].columns), rows),)


def _units(column: Column) -> float:
    """A column's width in Excel's units: Latin digits."""
    return max(7.0, column.width * 2 + 1)


def _lines(value: Cell, column: Column) -> int:
    """Lines that the text takes; a Chinese character is as wide as two digits."""
    text = shown(value)
    wide = sum(2 if ord(character) > 0x2E80 else 1 for character in text)
    return max(1, ceil(wide / (_units(column) - 1.5)))


def _height(lines: int) -> float:
    """Points. Not every program finds the height of a wrapped row by itself."""
    return min(409.0, 15.0 * lines + 4)


class _Sheet:
    def __init__(self, book: Any, sheet: Any, paper: Paper) -> None:
        base = {"font_name": "仿宋", "font_size": 11, "valign": "vcenter"}
        grid = {**base, "border": 1, "text_wrap": True}
        self._sheet, self._paper = sheet, paper
        self._title = book.add_format(
            {"font_name": "黑体", "font_size": 18, "align": "center", "valign": "vcenter"}
        )
        self._under = book.add_format({**base, "align": "center"})
        self._note = book.add_format({**base, "text_wrap": True})
        self._head = book.add_format(
            {**grid, "font_name": "黑体", "align": "center", "bg_color": "#E7EEF7"}
        )
        self._cells = {
            (align, number): book.add_format({**grid, "align": align, "num_format": format_})
            for align in ("left", "center")
            for number, format_ in (("text", "@"), ("int", "0"), ("float", "0.00"))
        }

    def write(self, section: Section) -> None:
        sheet, paper, last = self._sheet, self._paper, len(section.columns) - 1
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C第 &P 页 共 &N 页")
        lines = (paper.title, f"{paper.office}    {paper.day}", *paper.lead)
        for row, said in enumerate(lines):
            sheet.merge_range(row, 0, row, last, "", self._under)
            sheet.write_string(row, 0, shown(said), self._title if row == 0 else self._under)
        sheet.set_row(0, 30)
        top = len(lines)
        for at, column in enumerate(section.columns):
            sheet.set_column(at, at, _units(column))
            sheet.write_string(top, at, column.title, self._head)
        for row, values in enumerate(section.rows, top + 1):
            cells = list(zip(values, section.columns, strict=True))
            for at, (value, column) in enumerate(cells):
                self._put(row, at, value, column)
            sheet.set_row(row, _height(max(_lines(value, column) for value, column in cells)))
        end = top + len(section.rows)
        sheet.freeze_panes(top + 1, 0)
        sheet.repeat_rows(top)
        if section.rows:
            sheet.autofilter(top, 0, end, last)
        for row, said in enumerate(paper.notes, end + 2):
            sheet.merge_range(row, 0, row, last, "", self._note)
            sheet.write_string(row, 0, shown(said), self._note)
            whole = Column("", sum(column.width for column in section.columns))
            sheet.set_row(row, _height(_lines(said, whole)))

    def _put(self, row: int, at: int, value: Cell, column: Column) -> None:
        if isinstance(value, int | float):
            kind = "float" if isinstance(value, float) else "int"
            self._sheet.write_number(row, at, value, self._cells[column.align, kind])
        else:
            text = shown(value)[:_TEXT_MOST]
            self._sheet.write_string(row, at, text, self._cells[column.align, "text"])
