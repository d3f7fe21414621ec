"""The inside of CP: `DataTime=…;a34013-Rtd=1.2,a34013-Flag=N;…`, as fields and factors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from services.intake.hj212.protocol.fault import BadPacket, excerpt
from services.intake.hj212.protocol.moments import moment

NUMBERS = frozenset({"Rtd", "Avg", "Min", "Max", "Cou", "ZsRtd", "ZsAvg", "ZsMin", "ZsMax"})
"""What a factor may say in numbers; everything else it says stays text."""

_NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,3})?", re.ASCII)
_NAME = re.compile(r"[^\s=;,&]{1,64}")
_SEPARATORS = re.compile("[;,]")

Factor = Mapping[str, float | str | None]
"""What a factor says, by kind: `{"Rtd": 1.2, "Flag": "N"}`; None where a number was left empty."""


@dataclass(frozen=True)
class Content:
    factors: Mapping[str, Factor]
    """By code as the packet writes it: `a34013`, `w01018`, or of 2005 `01`, `B01`."""
    fields: tuple[tuple[str, str], ...]
    """Everything that belongs to no factor, in its order; names may come again."""
    data_time: datetime | None
    """DataTime in UTC; of means it is the beginning or the end, as the device has it."""


def parse_content(cp: str) -> Content:
    """Raises BadPacket with the first thing that is wrong."""
    factors: dict[str, dict[str, float | str | None]] = {}
    fields: list[tuple[str, str]] = []
    # Whether ; or , stands between two items differs from device to device.
    for item in filter(None, _SEPARATORS.split(cp)):
        name, equals, value = item.partition("=")
        if not equals or not _NAME.fullmatch(name):
            raise BadPacket(
                f"CP {excerpt(item)}", "不是 名称=值 / not name=value", "如 a34013-Rtd=1.2"
            )
        code, dash, kind = name.partition("-")
        if not dash or not code or not kind:
            fields.append((name, value))
            continue
        said = _said(name, kind, value)
        if factors.setdefault(code, {}).setdefault(kind, said) != said:
            raise BadPacket(name, "出现两次且不同 / given twice", "每个因子只写一次 / once")
    times = {value for name, value in fields if name == "DataTime"}
    if len(times) > 1:
        raise BadPacket("DataTime", "出现两次且不同 / given twice", "一包一个时刻 / one moment")
    data_time = moment("DataTime", times.pop(), (14, 17)) if times else None
    return Content(factors, tuple(fields), data_time)


def _said(name: str, kind: str, value: str) -> float | str | None:
    if kind not in NUMBERS:
        return value
    if not value:
        return None
    number = float(value) if _NUMBER.fullmatch(value) else float("nan")
    if not isfinite(number):
        raise BadPacket(
            name, f"“{excerpt(value)}”不是数字 / not a number", "写十进制数,没有值时留空 / or empty"
        )
    return number
