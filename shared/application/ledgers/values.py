"""A file's cell as a value of ours. Each reader gives None for an empty cell and raises Unfit."""

import unicodedata
from datetime import date, datetime, time, timedelta

from shared.application.ledgers.cells import CUT, Raw, Spoilt, clean, shown
from shared.application.ledgers.complaint import Unfit
from shared.application.ledgers.dates import NoYear, hidden_date, local, written
from shared.domain.moments import day_end, day_start

EARLIEST = 2000
_BROKEN = ("\ufffd", "锟斤拷", "烫烫烫")


def present(raw: Raw) -> Raw:
    """What every reader begins with: nothing for blanks, and refusals of what is no value."""
    match raw:
        case Spoilt(why="formula"):
            raise Unfit("formula-cell", "是公式;请复制后“选择性粘贴→数值”", "写成数值或文字")
        case Spoilt(why="error", shown=said):
            raise Unfit("error-cell", f"是错误值 {said};请改正引用或重新填写")
        case Spoilt(why="merged", shown=said):
            raise Unfit("merged-cell", f"在合并单元格 {said} 里;请取消合并,每行各自填写")
        case str():
            return raw.strip() or None
    return raw


def text(raw: Raw, most: int) -> str | None:
    match value := present(raw):
        case None:
            return None
        case bool():
            raise Unfit("boolean-for-text", "应为文字,收到的是真假值 TRUE/FALSE", "写成文字")
        case float():
            raise Unfit("number-for-text", "应为文字,收到的是数字;若确是文字,请把单元格设为文本")
        case str():
            return _checked(value, most)
    raise Unfit("date-for-text", "应为文字,收到的是日期或时间;Excel 可能自动转换了,请设为文本重填")


def code(raw: Raw, most: int) -> str | None:
    """Text that may have become a whole number on its way, as codes do."""
    match value := present(raw):
        case bool():
            pass
        case float() if value == int(value) and abs(value) < 1e15:
            return str(int(value))
        case float():
            return f"{value:.15g}"
    return text(raw, most)


def _checked(value: str, most: int) -> str:
    said = clean(value).strip()
    if any(mark in said for mark in _BROKEN):
        raise Unfit("garbled-text", "有乱码(编码转换时损坏);请重新填写,CSV 请存为 UTF-8")
    if len(said) > most or said.endswith(CUT):
        raise Unfit("too-long", f"有 {len(said)} 字,最多 {most} 字;请缩短", f"不超过 {most} 字")
    return said


def number(raw: Raw) -> float | None:
    match value := present(raw):
        case None:
            return None
        case bool():
            raise Unfit("not-a-number", "应为数字,收到的是真假值")
        case float():
            return value
        case str():
            try:
                found = float(unicodedata.normalize("NFKC", value).replace(",", ""))
            except ValueError:
                found = float("nan")
            if abs(found) < float("inf"):
                return found
            raise Unfit("not-a-number", "应为数字,不带单位和其他文字", "如 12.5")
    raise Unfit("date-for-number", "应为数字,收到的是日期或时间;请把单元格设为数值后重填")


def moment(raw: Raw) -> datetime | None:
    """In UTC; a day alone is its beginning in Asia/Shanghai."""
    value = _day_or_moment(raw)
    return value if value is None or isinstance(value, datetime) else day_start(value)


def deadline(raw: Raw) -> datetime | None:
    """In UTC; a day alone is its last second in Asia/Shanghai."""
    value = _day_or_moment(raw)
    if value is None or isinstance(value, datetime):
        return value
    return day_end(value) - timedelta(seconds=1)


def _day_or_moment(raw: Raw) -> date | datetime | None:
    value = present(raw)
    found = _date_of(value)
    if found is not None and not EARLIEST <= found.year <= 2100:
        why = "多半是在日期格式的单元格里只填了年份" if found.year < 1910 else "请核对年份"
        raise Unfit("date-out-of-range", f"日期是 {found.year} 年,{why}", f"{EARLIEST} 年以后")
    return found


def _date_of(value: Raw) -> date | datetime | None:
    match value:
        case None:
            return None
        case datetime():
            return local(value)
        case date():
            return value
        case bool() | time() | timedelta():
            raise Unfit("not-a-date", "应为日期或日期时间", "如 2026-11-24 14:30")
        case float():
            meant = hidden_date(value)
            raise Unfit(
                "number-for-date",
                "应为日期,收到的是数字;请把单元格格式设为日期",
                shown(meant) if meant else "如 2026-11-24",
            )
    assert isinstance(value, str)
    try:
        return written(value)
    except NoYear as short:
        raise Unfit(
            "date-without-year", "日期没有写年份", f"如 2026年{short.month}月{short.day}日"
        ) from None
    except ValueError:
        raise Unfit(
            "not-a-date",
            "不是日期;可写 2026-11-24、2026/11/24 14:30 或 2026年11月24日",
            "如 2026-11-24 14:30",
        ) from None
