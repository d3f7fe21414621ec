"""The data segment: `QN=…;ST=…;CN=…;PW=…;MN=…;Flag=…;PNUM=…;PNO=…;CP=&&…&&`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.intake.hj212.protocol.fault import BadPacket, excerpt
from services.intake.hj212.protocol.flag import Flag, parse_flag
from services.intake.hj212.protocol.moments import moment

_SHAPES = {
    "ST": (re.compile(r"[0-9A-Za-z]{1,5}"), "系统编码,如 31 / the system's code, as 31"),
    "CN": (re.compile(r"[0-9]{4}"), "四位数字,如 2011 / four digits, as 2011"),
    "PW": (re.compile(r"[^;=&\s]{0,32}"), "最多 32 字 / 32 characters at most"),
    "MN": (re.compile(r"[0-9A-Za-z._-]{1,32}"), "设备编号,字母和数字 / letters and digits"),
    "PNUM": (re.compile(r"[0-9]{1,4}"), "总包数 / how many parts"),
    "PNO": (re.compile(r"[0-9]{1,4}"), "包号 / which part"),
    # It is echoed to the device, so it may hold nothing that would be read as something else.
    "QN": (re.compile(r"[0-9A-Za-z._-]{0,32}"), "17 位数字 YYYYMMDDhhmmsszzz / 17 digits"),
}
_GUESSED_MN = re.compile(rb"(?:^|;|\d)MN=([0-9A-Za-z._-]{1,32})(?:;|$)")


@dataclass(frozen=True)
class Segment:
    st: str
    cn: str
    mn: str
    cp: str
    """What stands between the two `&&`."""
    pw: str = ""
    qn: str | None = None
    """As the device writes it, for it to be answered; None in some packets of 2005."""
    qn_at: datetime | None = None
    """What `qn` says in UTC. None where it is no time as the standard writes it (some devices
    send milliseconds since 1970): a strange number need not cost the readings."""
    flag: Flag = field(default_factory=Flag)
    parts: int = 1
    """PNUM: of so many packets this is number `part`, from 1."""
    part: int = 1
    other: Mapping[str, str] = field(default_factory=dict)
    """Fields that the standard does not name."""


def guessed_mn(data: bytes) -> str | None:
    """The device that a packet seems to be from, even if nothing else of it can be read."""
    found = _GUESSED_MN.search(data)
    return found[1].decode() if found else None


def parse_segment(data: bytes) -> Segment:
    """Raises BadPacket with the first thing that is wrong."""
    head, cp = _halves(_text(data))
    fields = _fields(head)
    for name, (shape, right) in _SHAPES.items():
        if name in fields and not shape.fullmatch(fields[name]):
            raise BadPacket(name, f"“{excerpt(fields[name])}”不合规定 / not of its shape", right)
    for name in ("ST", "CN", "MN"):
        if name not in fields:
            raise BadPacket(name, "缺少 / missing", _SHAPES[name][1])
    qn = fields.pop("QN", None) or None
    parts, part = _parts(fields.pop("PNUM", "1"), fields.pop("PNO", "1"))
    return Segment(
        st=fields.pop("ST"),
        cn=fields.pop("CN"),
        mn=fields.pop("MN"),
        pw=fields.pop("PW", ""),
        cp=cp,
        qn=qn,
        qn_at=_qn_at(qn),
        flag=parse_flag(fields.pop("Flag", "0")),
        parts=parts,
        part=part,
        other=fields,
    )


def _qn_at(qn: str | None) -> datetime | None:
    try:
        return None if qn is None else moment("QN", qn, (17,))
    except BadPacket:
        return None


def _text(data: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadPacket(
        "data", "不是文本 / not text", "ASCII,汉字用 UTF-8 或 GB 18030 / ASCII, UTF-8 or GB 18030"
    )


def _halves(text: str) -> tuple[str, str]:
    head, found, cp = text.partition("CP=&&")
    if not found or (head and not head.endswith(";")):
        raise BadPacket("CP", "缺少 / missing", "数据段以 CP=&&…&& 结束 / end with CP=&&…&&")
    if not cp.endswith("&&"):
        raise BadPacket(
            "CP", "没有以 && 结束 / does not end with &&", "CP=&&…&& 之后不再有内容 / && ends it"
        )
    return head, cp[:-2]


def _fields(head: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for item in filter(None, head.split(";")):
        name, equals, value = item.partition("=")
        if not equals or not name:
            raise BadPacket(excerpt(item), "没有等号 / no =", "写 名称=值 / write name=value")
        if fields.setdefault(name, value) != value:
            raise BadPacket(excerpt(name), "出现两次且不同 / given twice", "只写一次 / once")
    return fields


def _parts(pnum: str, pno: str) -> tuple[int, int]:
    parts, part = int(pnum), int(pno)
    if not 1 <= part <= max(parts, 1):
        raise BadPacket(
            "PNO", f"第 {part} 包,共 {parts} 包 / part {part} of {parts}", "1 至 PNUM / 1 to PNUM"
        )
    return max(parts, 1), part
