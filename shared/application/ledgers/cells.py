"""Cells: what a ledger shows in one, what a file gives back, and what no spreadsheet can hold."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal


class CellKind(StrEnum):
    TEXT = "text"
    CODE = "code"
    """Text that a spreadsheet would like to take for a number or a date."""
    NUMBER = "number"
    COUNT = "count"
    SHARE = "share"
    """A share of 1, shown as a percentage."""
    DAY = "day"
    """A day in Asia/Shanghai."""
    MOMENT = "moment"
    """Held in UTC, shown in Asia/Shanghai."""
    FILES = "files"


@dataclass(frozen=True)
class Files:
    """Files known by their SHA-256, such as photos."""

    hashes: tuple[str, ...]


Cell = str | float | date | datetime | Files | None
"""What a ledger shows; None: nothing. Moments carry their zone."""


@dataclass(frozen=True)
class Spoilt:
    """A cell of a file that holds no value of its own."""

    why: Literal["formula", "error", "merged"]
    shown: str


Raw = str | float | bool | date | datetime | time | timedelta | Spoilt | None
"""What a file gives back. Times have no zone: they are meant in Asia/Shanghai."""

TEXT_MOST = 32_767
"""UTF-16 units that Excel holds in one cell."""
CUT = "…(过长,已截断)"
# Control characters but tab and line feed, halves of characters, and what XML 1.0 leaves out.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?")


def clean(text: str) -> str:
    """`text` as every spreadsheet can hold it: one kind of line end, no control characters, cut to
    Excel's length with words that say so."""
    text = _UNFIT.sub("", _LINE_ENDS.sub("\n", text))
    if len(text) * 2 <= TEXT_MOST or len(text.encode("utf-16-le")) // 2 <= TEXT_MOST:
        return text
    units = text.encode("utf-16-le")[: (TEXT_MOST - len(CUT)) * 2]
    return units.decode("utf-16-le", errors="ignore") + CUT


def shown(raw: Raw, most: int = 80) -> str:
    """A file's cell as a person finds it there, for a report about it."""
    match raw:
        case None:
            return ""
        case bool():
            text = "TRUE" if raw else "FALSE"
        case float():
            text = f"{raw:.15g}"
        case datetime():
            text = f"{raw:%Y-%m-%d %H:%M:%S}".removesuffix(":00").removesuffix(" 00:00")
        case Spoilt(shown=said):
            text = said
        case _:
            text = str(raw)
    return text if len(text) <= most else text[: most - 1] + "…"


def letters(index: int) -> str:
    """A column's name in Excel: 0 → A, 26 → AA."""
    said = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        said = chr(65 + rest) + said
    return said
