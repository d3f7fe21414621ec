"""What a sheet's own XML says that its values no longer show: formulas, errors, merged cells.

It also tells how far the sheet reaches before anybody makes room for its cells.
"""

import re
import zipfile
from dataclasses import dataclass, field
from posixpath import join, normpath
from typing import Any
from xml.etree.ElementTree import Element, ParseError, XMLParser
from xml.parsers import expat

from shared.application.ledgers.cells import Spoilt
from shared.domain.refusal import Refused, refuse

ROWS_MOST, COLUMNS_MOST = 25_000, 256
SPOILT_MOST = 100_000
_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CHUNK = 1 << 18


@dataclass
class Scan:
    spoilt: dict[tuple[int, int], Spoilt] = field(default_factory=dict)
    """(row, column), both from 0."""
    last: tuple[int, int] = (0, 0)


def part_of_sheet(book: zipfile.ZipFile, name: str) -> str | None:
    """The zip's part in which the sheet of that name stands."""
    root = _tree(book, "xl/workbook.xml")
    links = _tree(book, "xl/_rels/workbook.xml.rels")
    targets = {each.get("Id"): each.get("Target", "") for each in links}
    for sheet in root.iter():
        if sheet.tag.endswith("}sheet") and sheet.get("name") == name:
            target = targets.get(sheet.get(_REL), "")
            part = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
            return part if part in book.namelist() else None
    return None


def _tree(book: zipfile.ZipFile, part: str) -> Element:
    try:
        raw = book.read(part)
        if b"<!DOCTYPE" in raw[:4096]:
            raise _broken("含有 DTD")
        parser = XMLParser()
        parser.feed(raw)
        root: Element = parser.close()
    except (KeyError, ParseError) as error:
        raise _broken(str(error)) from None
    return root


def scan(book: zipfile.ZipFile, part: str) -> Scan:
    """Refuses a sheet that reaches further than a ledger can."""
    return _Scanner().read(book, part)


class _Scanner:
    def __init__(self) -> None:
        self._found = Scan()
        self._at: tuple[int, int] | None = None
        self._row = self._column = -1
        self._is_error = self._collects = False
        self._text: list[str] = []
        self._formula: str | None = None

    def read(self, book: zipfile.ZipFile, part: str) -> Scan:
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._said
        parser.StartDoctypeDeclHandler = _no_dtd
        try:
            with book.open(part) as file:
                while piece := file.read(_CHUNK):
                    parser.Parse(piece)
                parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise _broken(str(error)) from None
        return self._found

    def _start(self, tag: str, given: dict[str, str]) -> None:
        match tag.rpartition("}")[2]:
            case "row":
                said = given.get("r", "")
                self._row = int(said) - 1 if said.isdecimal() else self._row + 1
                self._column = -1
            case "c":
                self._at = _place(given.get("r", "")) or (self._row, self._column + 1)
                self._row, self._column = self._at
                self._is_error, self._formula = given.get("t") == "e", None
            case "f" | "v" | "is" if self._at is not None:
                # Cells that are merely formatted count for nothing.
                self._reach(self._at)
                self._collects, self._text = True, []
            case "mergeCell":
                self._merged(given.get("ref", ""))

    def _said(self, text: str) -> None:
        if self._collects:
            self._text.append(text)

    def _end(self, tag: str) -> None:
        match tag.rpartition("}")[2]:
            case "f":
                self._collects, self._formula = False, "".join(self._text)[:200]
            case "v" | "is":
                self._collects = False
            case "c" if self._at is not None:
                if self._is_error:
                    self._spoilt(self._at, Spoilt("error", "".join(self._text)[:40] or "#ERROR!"))
                elif self._formula is not None:
                    self._spoilt(self._at, Spoilt("formula", f"={self._formula}"))

    def _merged(self, said: str) -> None:
        """All cells of a merged range but the first are empty, whatever they look like."""
        first, _, last = said.partition(":")
        begin, end = _place(first), _place(last)
        if begin is None or end is None:
            return
        for row in range(begin[0], min(end[0], self._found.last[0]) + 1):
            for column in range(begin[1], min(end[1], COLUMNS_MOST) + 1):
                if (row, column) != begin:
                    self._spoilt((row, column), Spoilt("merged", said))

    def _reach(self, at: tuple[int, int]) -> None:
        rows, columns = max(self._found.last[0], at[0]), max(self._found.last[1], at[1])
        if (rows, columns) != self._found.last:
            check_reach(rows, columns)
        self._found.last = (rows, columns)

    def _spoilt(self, at: tuple[int, int], cell: Spoilt) -> None:
        if len(self._found.spoilt) < SPOILT_MOST:
            self._found.spoilt.setdefault(at, cell)


def check_reach(row: int, column: int) -> None:
    """Refuses a sheet whose last filled cell, counted from 0, lies too far out."""
    if row >= ROWS_MOST or column >= COLUMNS_MOST:
        raise refuse(
            "too-large",
            f"表格到了第 {row + 1} 行、第 {column + 1} 列,最多 {ROWS_MOST} 行、{COLUMNS_MOST} 列;"
            "请删去数据以外的行列(选中整行整列后删除)再保存,或分成几个文件",
        )


def _place(said: str) -> tuple[int, int] | None:
    """(row, column) from 0 of a cell's name."""
    found = _CELL.fullmatch(said)
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]) - 1, column - 1


def _no_dtd(*_: Any) -> None:
    raise _broken("含有 DTD")


def _broken(why: str) -> Refused:
    return refuse("malformed", f"工作簿内部有误({why[:80]});请用 Excel 打开后重新保存")
