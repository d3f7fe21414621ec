"""Times as packets write them: digits without a zone, in Beijing time."""

from datetime import UTC, datetime

from services.intake.hj212.protocol.fault import BadPacket, excerpt
from shared.domain.moments import SHANGHAI


def moment(field: str, text: str, digits: tuple[int, ...]) -> datetime:
    """`YYYYMMDDhhmmss[zzz]`, one of so many `digits` long, in UTC. Raises BadPacket."""
    shape = " 或 ".join(str(each) for each in digits)
    if len(text) not in digits or not (text.isascii() and text.isdigit()):
        raise BadPacket(
            field,
            f"“{excerpt(text)}”不是 {shape} 位数字 / not {shape} digits",
            "写 YYYYMMDDhhmmss(QN 再加三位毫秒),北京时间 / YYYYMMDDhhmmss, Beijing time",
        )
    try:
        local = datetime(*(int(text[a:b]) for a, b in _PARTS), tzinfo=SHANGHAI)  # type: ignore[misc, arg-type]
        return local.astimezone(UTC).replace(microsecond=int(text[14:] or 0) * 1000)
    except (ValueError, OverflowError):
        raise BadPacket(
            field,
            f"{text} 没有这个时刻 / no such moment",
            "核对设备的时钟 / check the device's clock",
        ) from None


_PARTS = ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14))
