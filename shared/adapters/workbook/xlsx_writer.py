"""A ledger as an .xlsx, row by row, in memory that does not grow with it.

Text is only ever written as text: nothing in it becomes a formula or a link.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from math import ceil
from pathlib import Path
from typing import Any

import xlsxwriter

from shared.adapters.workbook.forms import FileColumn, file_address, wall_time
from shared.adapters.workbook.row_height import FittedSheet, height_of
from shared.application.ledgers.cells import Cell, CellKind, Files, clean

ROWS_MOST = 1_048_576
"""Rows of a sheet in Excel, the heading's included."""
LINKS_MOST = 65_530
"""Links on a sheet in Excel; further addresses are written as text."""
SPARE_ROWS = 500
"""Empty rows behind the last one that also offer the choices."""
_LIST_MOST = 255
_A3 = 8
PAGE_WIDTH = 280
"""Characters across a landscape A3 page that can still be read."""
_FORMATS: dict[CellKind, str] = {
    # A clause 1.10 that somebody types must not become the number 1.1.
    CellKind.CODE: "@",
    CellKind.COUNT: "0",
    CellKind.DAY: "yyyy-mm-dd",
    CellKind.MOMENT: "yyyy-mm-dd hh:mm",
    CellKind.SHARE: "0.0%",
}
_PHOTOS = (
    FileColumn("条目编号", 22, CellKind.TEXT),
    FileColumn("所在列", 14, CellKind.TEXT),
    FileColumn("文件(SHA-256)", 70, CellKind.FILES),
)


class _Series:
    """Sheets of the same columns; a full one is followed by another."""

    def __init__(
        self, writer: "XlsxWriter", name: str, columns: Sequence[FileColumn], most: int
    ) -> None:
        self._writer, self._name, self._columns, self._most = writer, name, columns, most
        self._number = 0
        self._open()

    def _open(self) -> None:
        self._number += 1
        self.name = self._name if self._number == 1 else f"{self._name} {self._number}"
        self.sheet = self._writer.new_sheet(self.name, self._columns)
        self.row, self.links = 0, 0

    def next_row(self) -> int:
        if self.row + 1 >= self._most:
            self.finish()
            self._open()
        self.row += 1
        return self.row

    def finish(self) -> None:
        """What can only be said when the last row is known."""
        width = len(self._columns) - 1
        self.sheet.autofilter(0, 0, max(self.row, 1), width)
        self.sheet.print_area(0, 0, max(self.row, 1), self._last_shown())
        until = min(self.row + SPARE_ROWS, self._most - 1)
        for index, column in enumerate(self._columns):
            if column.choices and len(",".join(column.choices)) <= _LIST_MOST:
                rule = {"validate": "list", "source": list(column.choices), "error_type": "warning"}
                self.sheet.data_validation(1, index, until, index, rule)

    def _last_shown(self) -> int:
        return max(index for index, column in enumerate(self._columns) if not column.hidden)


class XlsxWriter:
    """Writes into `folder`, which its caller makes and deletes. Not for two threads at once.

    `base` is the service's address, under which files are linked; `note` stands in the footer.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        columns: Sequence[FileColumn],
        base: str,
        note: str,
        rows_most: int = ROWS_MOST,
    ) -> None:
        self.path = folder / "ledger.xlsx"
        self._base, self._note, self._columns = base, note, columns
        self._rows_most = rows_most
        self._book = xlsxwriter.Workbook(
            str(self.path),
            {
                "constant_memory": True,
                "tmpdir": str(folder),
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._book.use_zip64()
        plain = {"font_name": "宋体", "font_size": 10, "valign": "top"}
        self._text = self._book.add_format({**plain, "text_wrap": True})
        # Indented: a number at the edge would touch the text of the next column.
        self._number = self._book.add_format({**plain, "align": "right", "indent": 1})
        self._link = self._book.add_format({**plain, "font_color": "#0563C1", "underline": 1})
        self._heading = self._book.add_format(
            {**plain, "bold": True, "text_wrap": True, "align": "center", "valign": "vcenter",
             "bg_color": "#DDEBF7", "border": 1, "border_color": "#BFBFBF"}
        )  # fmt: skip
        self._formats = {
            kind: self._book.add_format(
                {
                    **plain,
                    "num_format": said,
                    "align": "center" if kind is CellKind.COUNT else "left",
                    "text_wrap": True,
                }
            )
            for kind, said in _FORMATS.items()
        }
        self._main = _Series(self, name, columns, rows_most)
        self._photos: _Series | None = None

    def new_sheet(self, name: str, columns: Sequence[FileColumn]) -> Any:
        sheet = self._book.add_worksheet(name, FittedSheet)
        sheet.set_row(0, 30)
        for index, column in enumerate(columns):
            form = self._form(column.kind)
            sheet.set_column(index, index, column.width, form, {"hidden": column.hidden})
            sheet.write_string(0, index, column.heading, self._heading)
        sheet.freeze_panes(1, min(2, len(columns) - 1))
        sheet.hide_gridlines(0)
        sheet.set_landscape()
        sheet.set_paper(_A3)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        # Wider than a page can be read at: pages side by side, the row's number on each.
        across = ceil(sum(column.width for column in columns if not column.hidden) / PAGE_WIDTH)
        sheet.fit_to_pages(across, 0)
        if across > 1:
            sheet.repeat_columns(0, 1)
        sheet.repeat_rows(0)
        sheet.set_footer(f"&L{_footer(name)}&C第 &P 页 共 &N 页&R{_footer(self._note)}")
        return sheet

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Rows of cells in the order of the columns."""
        for cells in rows:
            row = self._main.next_row()
            if (height := height_of(cells, self._columns)) is not None:
                self._main.sheet.fit(row, height)
            for index, cell in enumerate(cells):
                self._write(row, index, cell, cells)

    def close(self) -> Path:
        """Finish the file and say where it is."""
        self._main.finish()
        if self._photos is not None:
            self._photos.finish()
        self._book.close()
        return self.path

    def _form(self, kind: CellKind) -> Any:
        return self._formats.get(kind, self._number if kind is CellKind.NUMBER else self._text)

    def _write(self, row: int, index: int, cell: Cell, cells: Sequence[Cell]) -> None:
        sheet = self._main.sheet
        match cell:
            case None | "":
                # The column's own format is that of its empty cells.
                pass
            case str():
                form = self._form(self._columns[index].kind)
                sheet.write_string(row, index, clean(cell), form)
            case datetime() if cell.year >= 1900:
                form = self._formats[CellKind.MOMENT]
                sheet.write_datetime(row, index, wall_time(cell), form)
            case date() if cell.year >= 1900:
                sheet.write_datetime(row, index, cell, self._formats[CellKind.DAY])
            case date():
                sheet.write_string(row, index, cell.isoformat(), self._text)
            case Files():
                self._files(row, index, cell, cells)
            case _:
                sheet.write_number(row, index, cell, self._form(self._columns[index].kind))

    def _files(self, row: int, index: int, files: Files, cells: Sequence[Cell]) -> None:
        """One file is linked where it stands; several from a sheet of their own."""
        if len(files.hashes) == 1:
            self._linked(self._main, row, index, files.hashes[0], "查看")
            return
        if self._photos is None:
            self._photos = _Series(self, "照片", _PHOTOS, self._rows_most)
        photos, where = self._photos, ""
        for sha256 in files.hashes:
            line = photos.next_row()
            where = where or f"internal:'{photos.name}'!A{line + 1}"
            photos.sheet.write_string(line, 0, clean(str(cells[1])), self._text)
            photos.sheet.write_string(line, 1, self._columns[index].heading, self._text)
            self._linked(photos, line, 2, sha256, sha256)
        self._url(self._main, row, index, where, f"{len(files.hashes)} 张,见照片表")

    def _linked(self, on: _Series, row: int, index: int, sha256: str, words: str) -> None:
        self._url(on, row, index, file_address(self._base, sha256), words)

    def _url(self, on: _Series, row: int, index: int, where: str, words: str) -> None:
        if on.links < LINKS_MOST:
            on.links += 1
            on.sheet.write_url(row, index, where, self._link, words)
        else:
            said = words if where.startswith("internal:") else where
            on.sheet.write_string(row, index, said, self._text)


def _footer(text: str) -> str:
    """`&` begins a code in headers and footers."""
    return text.replace("&", "&&")
