"""Somebody's file as a sheet: .xlsx and .xls by calamine, .csv in the encodings Excel leaves."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from shared.adapters.workbook.csv_writer import unguarded
from shared.adapters.workbook.file_kinds import FileKind, kind_of
from shared.adapters.workbook.sheet_scan import COLUMNS_MOST, Scan, check_reach, part_of_sheet, scan
from shared.adapters.workbook.zip_guard import unpacked
from shared.application.ledgers.cells import Raw
from shared.application.ledgers.sheet import ROWS_MOST, Sheet, SheetRow
from shared.domain.refusal import Refused, refuse

_CODECS = ("utf-8-sig", "gb18030")
_FIELD_MOST = 1_000_000
XLS_NOTE = "旧版 .xls 里的公式和错误值(#REF! 等)无法辨认,按所存的值或空白读取;建议另存为 .xlsx"


def read_sheet(raw: bytes, wanted: str) -> Sheet:
    """The sheet called `wanted`, else the first one that is shown and has something in it.

    Refuses what is no such file, damaged, or larger than an import takes. Blocks: for a thread.
    """
    match kind_of(raw):
        case FileKind.XLSX:
            return _xlsx(raw, wanted)
        case FileKind.XLS:
            return _xls(raw, wanted)
        case FileKind.CSV:
            return _csv(raw)


def _xlsx(raw: bytes, wanted: str) -> Sheet:
    with unpacked(raw) as parts:
        # Every sheet before any is opened: making room for its cells is the reader's first step.
        scans = {name: scan(parts, name) for name in parts.namelist() if _is_sheet(name)}
        assert parts.fp is not None
        parts.fp.seek(0)
        sheet, name, notes = _opened(parts.fp, wanted)
        part = part_of_sheet(parts, name)
    found = scans.get(part, Scan()) if part else Scan()
    return Sheet("xlsx", name, _rows(_cells(sheet, found)), notes)


def _is_sheet(name: str) -> bool:
    return name.startswith("xl/worksheets/") and name.endswith(".xml")


def _xls(raw: bytes, wanted: str) -> Sheet:
    sheet, name, notes = _opened(io.BytesIO(raw), wanted)
    return Sheet("xls", name, _rows(_cells(sheet, Scan())), (*notes, XLS_NOTE))


def _opened(file: Any, wanted: str) -> tuple[CalamineSheet, str, tuple[str, ...]]:
    """(the sheet, its name, what to say about the others)."""
    try:
        book = CalamineWorkbook.from_filelike(file)
        shown = [
            each.name
            for each in book.sheets_metadata
            if each.visible is SheetVisibleEnum.Visible and each.typ is SheetTypeEnum.WorkSheet
        ]
        sheets = {name: book.get_sheet_by_name(name) for name in shown}
    # calamine's own errors, and what Rust panics come out as.
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise _damaged(error) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(error) from None
    filled = [name for name, sheet in sheets.items() if sheet.end is not None]
    if not filled:
        raise refuse("malformed", "工作簿里没有内容 / the workbook is empty")
    name = wanted if wanted in filled else filled[0]
    others = [each for each in filled if each != name and not each.startswith("照片")]
    note = f"只读取工作表“{name}”,未读:{'、'.join(others)[:200]};其余的请分别另存后导入"
    return sheets[name], name, (note,) if others else ()


def _damaged(error: BaseException) -> Refused:
    return refuse("malformed", f"工作簿已损坏或加了密,请用 Excel 打开后重新保存:{str(error)[:80]}")


def _cells(sheet: CalamineSheet, found: Scan) -> Iterator[tuple[int, Sequence[Raw]]]:
    """(row number, its cells): values by calamine, and over them what their XML said."""
    spoilt: dict[int, list[tuple[int, Any]]] = {}
    for (at, column), cell in found.spoilt.items():
        spoilt.setdefault(at, []).append((column, cell))
    check_reach(*(sheet.end or (0, 0)))
    # Not `iter_rows`: it begins at the first row, but at the first column that is filled.
    for index, values in enumerate(sheet.to_python(skip_empty_area=False)):
        row: list[Raw] = [_value(each) for each in values]
        for column, cell in spoilt.get(index, ()):
            row += [None] * (column + 1 - len(row))
            row[column] = cell
        yield index + 1, row


def _value(value: Any) -> Any:
    match value:
        case "":
            return None
        case bool():
            return value
        case int():
            return float(value)
    return value


def _csv(raw: bytes) -> Sheet:
    text = _decoded(raw)
    separator = "\t" if "\t" in text[: text.find("\n")] and "," not in text[:200] else ","
    csv.field_size_limit(_FIELD_MOST)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)

    def rows() -> Iterator[tuple[int, Sequence[Raw]]]:
        number = 0
        try:
            for number, row in enumerate(reader, 1):
                yield number, [unguarded(each) or None for each in row[:COLUMNS_MOST]]
        except csv.Error as error:
            raise refuse(
                "malformed", f"第 {number + 1} 行不是合格的 CSV({error});请检查没有成对的引号"
            ) from None

    return Sheet("csv", "", _rows(rows()))


def _decoded(raw: bytes) -> str:
    for codec in _CODECS:
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    raise refuse(
        "unsupported-media-type",
        "文字编码既不是 UTF-8 也不是 GB18030;请在 Excel 里另存为“CSV UTF-8”",
    )


def _rows(rows: Iterable[tuple[int, Sequence[Raw]]]) -> tuple[SheetRow, ...]:
    kept = []
    for number, cells in rows:
        if all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells):
            continue
        kept.append(SheetRow(number, tuple(cells)))
        # The heading, and titles above it.
        if len(kept) > ROWS_MOST + 10:
            raise refuse(
                "too-large",
                f"一次最多导入 {ROWS_MOST} 行,这份文件更多;请按镇街或月份分成几份",
                rows_most=ROWS_MOST,
            )
    return tuple(kept)
