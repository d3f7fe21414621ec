"""A paper as a Word file, in the look of a Chinese office: A4, 黑体 and 仿宋, numbered pages."""

import io
from copy import deepcopy
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from shared.adapters.documents.text import shown
from shared.application.reports.paper import Cell, Column, Paper, Section

TITLE, BODY, HEAD = "方正小标宋简体", "仿宋_GB2312", "黑体"
"""As the standard for official documents (GB/T 9704-2012) has them; Word takes 仿宋 where the first
is not installed."""
_LONG, _SHORT, _MARGIN = Cm(29.7), Cm(21.0), Cm(2.0)
_ALIGN = {"left": WD_ALIGN_PARAGRAPH.LEFT, "center": WD_ALIGN_PARAGRAPH.CENTER}
_LANDSCAPE_FROM = 44.0
"""Characters of small type that do not fit across an upright page."""


def docx(paper: Paper) -> bytes:
    """The file. Rows are written as XML directly: thousands of them take seconds, not minutes."""
    document = Document()
    page = document.sections[0]
    wide = max((_width(s) for s in paper.sections), default=0.0) > _LANDSCAPE_FROM
    page.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    page.page_width, page.page_height = (_LONG, _SHORT) if wide else (_SHORT, _LONG)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = _MARGIN
    usual = document.styles["Normal"]
    usual.font.size = Pt(12)
    _face(usual.element.get_or_add_rPr(), BODY)
    _line(document, paper.title, TITLE, 20, "center", after=6)
    _line(document, f"{paper.office}    {paper.day}", BODY, 12, "center", after=6)
    for said in paper.lead:
        _line(document, said, BODY, 12, "left", after=4)
    for section in paper.sections:
        if section.heading:
            heading = _line(document, section.heading, HEAD, 13, "left", before=8, after=3)
            heading.paragraph_format.keep_with_next = True
        _table(document, section, page.page_width - 2 * _MARGIN)
    if paper.notes:
        _line(document, "说明", HEAD, 11, "left", before=8, after=2)
    for number, said in enumerate(paper.notes, 1):
        _line(document, f"{number}. {said}", BODY, 10.5, "left", after=1)
    _page_numbers(page.footer.paragraphs[0])
    document.core_properties.title = shown(paper.title)
    document.core_properties.author = shown(paper.office)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _width(section: Section) -> float:
    return sum(column.width for column in section.columns)


def _face(properties: Any, name: str) -> None:
    """Chinese characters take the eastAsia font; without it Word falls back to its own."""
    fonts = properties.get_or_add_rFonts()
    for kind in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(kind), name)


def _line(
    document: Any,
    text: str,
    font: str,
    size: float,
    align: str,
    before: float = 0,
    after: float = 0,
) -> Any:
    paragraph = document.add_paragraph()
    paragraph.alignment = _ALIGN[align]
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = (
        Pt(before),
        Pt(after),
    )
    run = paragraph.add_run(shown(text))
    run.font.size = Pt(size)
    _face(run._element.get_or_add_rPr(), font)
    return paragraph


def _table(document: Any, section: Section, width: int) -> None:
    table = document.add_table(rows=1, cols=len(section.columns))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    share = width / _width(section)
    for column, held in zip(section.columns, table.columns, strict=True):
        held.width = int(column.width * share)
    head = table.rows[0]
    for column, cell in zip(section.columns, head.cells, strict=True):
        cell.width = int(column.width * share)
        _fill(cell.paragraphs[0], column.title, HEAD, "center")
        vertical = OxmlElement("w:vAlign")
        vertical.set(qn("w:val"), "center")
        cell._tc.get_or_add_tcPr().append(vertical)
    properties = head._tr.get_or_add_trPr()
    for name in ("w:cantSplit", "w:tblHeader"):
        properties.append(OxmlElement(name))
    model = _model_row(head._tr, section.columns)
    for values in section.rows:
        table._tbl.append(_row(model, values))


def _fill(paragraph: Any, text: str, font: str, align: str) -> None:
    paragraph.alignment = _ALIGN[align]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    run = paragraph.add_run(text)
    run.font.size = Pt(9)
    _face(run._element.get_or_add_rPr(), font)


def _model_row(head: Any, columns: tuple[Column, ...]) -> Any:
    """A body row to be copied: the head's cells in the body's type, without repetition."""
    row = deepcopy(head)
    properties = row.trPr
    properties.remove(properties.find(qn("w:tblHeader")))
    for column, cell in zip(columns, row.iter(qn("w:tc")), strict=True):
        (run,) = cell.iter(qn("w:r"))
        _face(run.get_or_add_rPr(), BODY)
        (justify,) = cell.iter(qn("w:jc"))
        justify.set(qn("w:val"), "left" if column.align == "left" else "center")
    return row


def _row(model: Any, values: tuple[Cell, ...]) -> Any:
    row = deepcopy(model)
    for value, text in zip(values, row.iter(qn("w:t")), strict=True):
        text.text = shown(value)
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return row


def _page_numbers(paragraph: Any) -> None:
    """— 3 —, as the standard has it."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for part in ("— ", "PAGE", " —"):
        run = paragraph.add_run("" if part == "PAGE" else part)
        run.font.size = Pt(10.5)
        if part == "PAGE":
            field = OxmlElement("w:fldSimple")
            field.set(qn("w:instr"), "PAGE")
            paragraph._p.replace(run._element, field)
            field.append(run._element)
            run.text = "1"
