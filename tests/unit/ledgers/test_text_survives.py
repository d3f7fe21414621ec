"""Whatever people write comes back as they wrote it, and nothing of it becomes a formula."""

import csv
import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.adapters.workbook.csv_writer import CsvWriter, guarded, unguarded
from shared.adapters.workbook.forms import FileColumn
from shared.adapters.workbook.reading import read_sheet
from shared.adapters.workbook.xlsx_writer import XlsxWriter
from shared.application.ledgers.account import account, apart
from shared.application.ledgers.cells import CUT, TEXT_MOST, CellKind, clean

COLUMNS = [FileColumn("序号", 6, CellKind.COUNT), FileColumn("文字", 20, CellKind.TEXT)]
BAD_STARTS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "'=1",
    "''=1",
    "'",
    "=cmd|' /C calc'!A0",
)
TEXTS = st.one_of(
    st.text(max_size=200),
    st.sampled_from(BAD_STARTS),
    st.builds(lambda start, rest: start + rest, st.sampled_from(BAD_STARTS), st.text(max_size=20)),
    st.sampled_from(
        ("_x000D_", "_x0041_", "#REF!", "TRUE", "1e5", "00123", " 空格 ", "http://x.cn", "a\r\nb\rc\n")
    ),
)  # fmt: skip


def as_xlsx(texts: list[str], rows_most: int = 1_048_576) -> bytes:
    with TemporaryDirectory() as folder:
        writer = XlsxWriter(Path(folder), "问题清单", COLUMNS, "http://t/", "note", rows_most)
        writer.add([1 + n, text] for n, text in enumerate(texts))
        return writer.close().read_bytes()


def as_csv(texts: list[str]) -> bytes:
    writer = CsvWriter(COLUMNS, "http://t/")
    return writer.head() + writer.add([1 + n, text] for n, text in enumerate(texts))


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_any_text_survives_a_workbook(texts: list[str]) -> None:
    rows = read_sheet(as_xlsx(texts), "问题清单").rows[1:]
    assert [row.cells[1] or "" for row in rows] == [clean(text) for text in texts]


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_any_text_survives_a_csv(texts: list[str]) -> None:
    rows = read_sheet(as_csv(texts), "").rows[1:]
    assert [row.cells[1] or "" for row in rows] == [clean(text) for text in texts]


@given(TEXTS)
def test_a_guarded_text_is_no_formula_and_can_be_undone(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("text", BAD_STARTS)
def test_a_workbook_holds_no_formula_and_no_link_of_the_texts(text: str) -> None:
    with zipfile.ZipFile(
        io.BytesIO(as_xlsx([text, f"http://x.cn/{text}", "mailto:a@b.cn"]))
    ) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "<hyperlink" not in sheet
    assert sheet.count('t="inlineStr"') == 2 + 3  # headings and texts


def test_numbers_are_numbers_in_a_csv_and_texts_like_them_are_guarded() -> None:
    writer = CsvWriter([FileColumn("n", 6, CellKind.NUMBER), FileColumn("t", 6, CellKind.TEXT)], "")
    assert writer.add([[-5.5, "-5.5"]]) == b"-5.5,'-5.5\r\n"


@pytest.mark.parametrize("text", ["长" * 40_000, "😀" * 20_000, "长" * TEXT_MOST])
def test_what_no_cell_can_hold_is_cut_and_says_so(text: str) -> None:
    cut = clean(text)
    assert len(cut.encode("utf-16-le")) // 2 <= TEXT_MOST
    assert cut == text or cut.endswith(CUT)
    assert (cut == text) == (text == "长" * TEXT_MOST)


def test_control_characters_are_left_out() -> None:
    assert clean("a\x00b\x0bc\x1fd\ud800e\ufffef\tg") == "abcdef\tg"


def test_a_full_sheet_is_followed_by_another() -> None:
    raw = as_xlsx([f"第{n}条" for n in range(25)], rows_most=11)
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        names = book.read("xl/workbook.xml").decode()
        sheets = [n for n in book.namelist() if n.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 3
    assert all(f'name="{n}"' in names for n in ("问题清单", "问题清单 2", "问题清单 3"))
    assert [r.cells[1] for r in read_sheet(raw, "问题清单 3").rows] == [
        "文字",
        *(f"第{n}条" for n in range(20, 25)),
    ]


@settings(max_examples=300)
@given(st.text(min_size=1, max_size=600).map(lambda t: clean(t).strip()).filter(bool))
def test_title_and_description_come_apart_and_together_again(text: str) -> None:
    title, description = apart(text)
    assert 0 < len(title) <= 200 and title == title.strip() and description == description.strip()
    assert account(title, description) == text


def test_a_csv_opens_in_excel_as_utf8() -> None:
    raw = as_csv(["裸土"])
    assert raw.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(raw.decode("utf-8-sig")))) == [
        ["序号", "文字"],
        ["1", "裸土"],
    ]
