"""Workbooks as clerks fill them in, made by hand."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

HEADINGS = (
    "序号", "问题编号", "工作线", "来源", "发现时间", "问题类别", "问题描述", "地点", "镇街代码",
    "经度", "纬度", "涉及单位", "关联条款", "等级", "监测项目", "监测值", "限值", "标准号",
    "交办单位", "整改时限", "整改进展",
)  # fmt: skip
GOOD: Mapping[str, Any] = {
    "工作线": "扬尘污染防治",
    "来源": "巡查",
    "发现时间": datetime(2026, 11, 20, 9, 30),
    "问题类别": "土方裸露未覆盖",
    "问题描述": "诚信大道北侧工地裸土约两亩未覆盖",
    "镇街代码": "370828103 霄云镇",
    "经度": 116.31,
    "纬度": 35.07,
    "等级": "一般",
}


def good(n: int = 0, **changes: Any) -> dict[str, Any]:
    """A row that can be registered; `n` tells it from others. A change to None empties a cell."""
    return {**GOOD, "序号": n, "问题描述": f"{GOOD['问题描述']},第 {n} 处", **changes}


def xlsx(
    rows: Sequence[Mapping[str, Any]],
    headings: Sequence[str] = HEADINGS,
    name: str = "问题清单",
    more: Callable[[Any, Any], None] | None = None,
) -> bytes:
    """A value that is callable writes its cell itself: (sheet, row, column)."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(name)
    when = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.write_row(0, 0, headings)
    for index, row in enumerate(rows, 1):
        for column, heading in enumerate(headings):
            value = row.get(heading)
            if callable(value):
                value(sheet, index, column)
            elif isinstance(value, datetime):
                sheet.write_datetime(index, column, value, when)
            elif value is not None:
                sheet.write(index, column, value)
    if more is not None:
        more(book, sheet)
    book.close()
    return out.getvalue()


def csv_text(rows: Sequence[Mapping[str, Any]], headings: Sequence[str] = HEADINGS) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    for row in rows:
        writer.writerow(["" if row.get(h) is None else str(row[h]) for h in headings])
    return out.getvalue()


def formula(said: str, value: Any) -> Callable[[Any, int, int], None]:
    return lambda sheet, row, column: sheet.write_formula(row, column, said, None, value)
