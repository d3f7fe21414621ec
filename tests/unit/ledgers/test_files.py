"""What is told to be a ledger by its content, and what is refused before it can do harm."""

import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.workbook import zip_guard
from shared.adapters.workbook.reading import XLS_NOTE, read_sheet
from shared.adapters.workbook.sheet_scan import COLUMNS_MOST, ROWS_MOST
from shared.domain.refusal import Refused
from shared.runtime.http.imports import BYTES_MOST
from tests.unit.http.world import LEAD, LineWorld, problem_of
from tests.unit.ledgers.files import HEADINGS, csv_text, good, xlsx

XLS = Path(__file__).with_name("problems.xls")
"""Four rows saved by a spreadsheet program as Excel 97: two right, a wrong grade, swapped degrees."""
URL = "/v1/imports/problems"


def refused(raw: bytes) -> tuple[str, str]:
    with pytest.raises(Refused) as no:
        read_sheet(raw, "问题清单")
    return no.value.refusal.type, no.value.refusal.detail


def zipped(parts: dict[str, bytes], level: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", level) as book:
        for name, raw in parts.items():
            book.writestr(name, raw)
    return out.getvalue()


def parts_of(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        return {name: book.read(name) for name in book.namelist()}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xff\xd8\xff\xe0 jpeg", "照片"),
        (b"\x89PNG\r\n", "图片"),
        (b"Rar!\x1a", "RAR"),
        (b'{"rows": []}', "JSON"),
        (b"\xef\xbb\xbf<html><table>", "网页"),
        (b'<?xml version="1.0"?>', "网页或 XML"),
        ("﻿问题编号\t地点".encode("utf-16-le"), "UTF-16"),
        (b"\x7fELF\x00\x00", "二进制"),
        ("问题编号".encode() + b"\xff\xfe,\xff", "GB18030"),
        (zipped({"word/document.xml": b"<x/>"}), "Word"),
        (zipped({"content.xml": b"<x/>"}), "OpenDocument"),
        (zipped({"a.csv": b"x"}), "压缩包"),
        (zipped({"xl/workbook.bin": b"x"}), "xlsb"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"), "加密"),
    ],
)
async def test_other_kinds_are_called_by_their_name(line: LineWorld, raw: bytes, said: str) -> None:
    # Neither the name nor the media type makes a ledger of it.
    files = {"file": ("问题清单.xlsx", raw, "application/vnd.ms-excel")}
    document = problem_of(
        await line.http.post(URL, files=files, headers=LEAD), 415, "unsupported-media-type"
    )
    assert said in document["detail"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK\x03\x04 cut short",
        xlsx([good(1)])[:-40],
        xlsx([good(1)])[:2000],
        bytes.fromhex("d0cf11e0a1b11ae1") + b"\x01" * 600,
        zipped({"xl/workbook.xml": b"<workbook"}),
        zipped({"xl/workbook.xml": b"<workbook/>"}),
        b"a,b\r\n1,2\r\n",
        b'"',
    ],
)
async def test_damaged_and_empty_files_are_malformed(line: LineWorld, raw: bytes) -> None:
    problem_of(await line.http.post(URL, content=raw, headers=LEAD), 400, "malformed")


async def test_a_file_that_is_too_large(line: LineWorld) -> None:
    got = await line.http.post(URL, content=b"x" * (BYTES_MOST + 1), headers=LEAD)
    assert problem_of(got, 413, "too-large")["limit_bytes"] == BYTES_MOST


def test_a_bomb_is_refused_by_its_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = parts_of(xlsx([good(1)]))
    parts["xl/worksheets/sheet9.xml"] = b"\0" * (40 * 1024 * 1024)
    bomb = zipped(parts)
    assert len(bomb) < 100_000

    def no_reading(*_: Any) -> Any:
        raise AssertionError("something was unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "open", no_reading)
    assert refused(bomb)[0] == "too-large"


def test_many_parts_that_are_large_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_guard, "UNPACKED_MOST", 1_000_000)
    parts = {f"xl/part{n}.xml": bytes(range(256)) * 800 for n in range(6)}
    raw = zipped(parts_of(xlsx([good(1)])) | parts, zipfile.ZIP_STORED)
    assert refused(raw)[0] == "too-large"
    monkeypatch.setattr(zip_guard, "PARTS_MOST", 5)
    assert "部件" in refused(raw)[1]


def test_a_directory_that_lies_about_a_size_gains_nothing() -> None:
    raw = bytearray(zipped(parts_of(xlsx([good(1)])) | {"xl/extra.xml": b"\0" * 3_000_000}))
    at = raw.rindex(b"PK\x01\x02", 0, raw.rindex(b"xl/extra.xml"))
    assert struct.unpack_from("<I", raw, at + 24) == (3_000_000,)
    struct.pack_into("<I", raw, at + 24, 1000)
    assert refused(bytes(raw))[0] == "malformed"


def test_entities_are_not_expanded() -> None:
    parts = parts_of(xlsx([good(1)]))
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    name = "xl/worksheets/sheet1.xml"
    raw = zipped({**parts, name: bomb + parts[name].partition(b"?>")[2]})
    assert refused(raw) == ("malformed", "工作簿内部有误(含有 DTD);请用 Excel 打开后重新保存")


@pytest.mark.parametrize("at", [(ROWS_MOST, 0), (1_048_575, 3), (2, COLUMNS_MOST), (2, 16_383)])
def test_a_lonely_cell_far_out_makes_no_room_for_all_before_it(at: tuple[int, int]) -> None:
    raw = xlsx([good(1)], more=lambda book, sheet: sheet.write(*at, "x"))
    type_, detail = refused(raw)
    assert type_ == "too-large" and f"第 {at[0] + 1} 行" in detail


def test_cells_that_are_merely_formatted_count_for_nothing() -> None:
    def frame(book: Any, sheet: Any) -> None:
        sheet.write_blank(900_000, 300, None, book.add_format({"border": 1}))

    assert len(read_sheet(xlsx([good(1)], more=frame), "问题清单").rows) == 2


async def test_gb18030_with_and_without_what_excel_does(line: LineWorld) -> None:
    text = csv_text([good(1, 地点="镕基路㙍村")])
    for raw in (text.encode("gb18030"), text.encode(), text.encode("utf-8-sig"),
                text.replace(",", "\t").encode()):  # fmt: skip
        said = (await line.http.post(URL, content=raw, headers=LEAD)).json()
        assert said["ok"], said
        assert said["file"]["kind"] == "csv" and said["counts"] == {"new": 1}


async def test_an_xls_of_excel_97(line: LineWorld) -> None:
    said = (await line.http.post(URL, content=XLS.read_bytes(), headers=LEAD)).json()
    assert said["file"]["kind"] == "xls" and XLS_NOTE in said["file"]["notes"]
    assert [(c["row"], c["rule"]) for c in said["cells"]] == [
        (4, "unknown-severity"),
        (5, "swapped-position"),
    ]
    assert [row["row"] for row in said["rows"]] == [2, 3]


async def test_the_ledgers_own_sheet_is_read_and_others_are_named(line: LineWorld) -> None:
    def another(book: Any, sheet: Any) -> None:
        book.add_worksheet("羊山镇").write(0, 0, "别的内容")
        book.add_worksheet("照片").write(0, 0, "照片")
        book.add_worksheet("隐藏的").write(0, 0, "x")
        book.get_worksheet_by_name("隐藏的").hide()

    said = (await line.http.post(URL, content=xlsx([good(1)], more=another), headers=LEAD)).json()
    assert said["ok"] and said["file"]["sheet"] == "问题清单"
    assert len(said["file"]["notes"]) == 1
    assert "羊山镇" in said["file"]["notes"][0] and "隐藏的" not in said["file"]["notes"][0]


def test_a_quote_that_is_never_closed_swallows_no_rows() -> None:
    raw = csv_text([good(1)]).encode() + b'9,"' + b"x" * 1_100_000
    type_, detail = refused(raw)
    assert type_ == "malformed" and "第 3 行" in detail


def test_columns_beyond_the_headings_are_no_trouble() -> None:
    rows = read_sheet(csv_text([good(1)], [*HEADINGS, *(f"x{n}" for n in range(300))]).encode(), "")
    assert len(rows.rows[1].cells) == COLUMNS_MOST
