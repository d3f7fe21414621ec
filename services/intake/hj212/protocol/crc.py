"""The check sums that devices send, over the data segment, and which of them a packet carries.

The standard's own is a CRC-16 (polynomial 0xA001) that takes only the *high* byte of its register
into the next step, so that it has 256 values. Many devices send the usual CRC-16/MODBUS instead,
some with its two bytes exchanged, as Modbus itself has them on the wire.
"""

from enum import StrEnum

from services.intake.hj212.protocol.fault import BadPacket


class Habit(StrEnum):
    """Which check sum a device sends."""

    STANDARD = "standard"
    MODBUS = "modbus"
    MODBUS_SWAPPED = "modbus-swapped"
    UNCHECKED = "unchecked"
    """None that is right: the packet is taken as it is."""


def _table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
        table.append(value)
    return tuple(table)


_TABLE = _table()


def standard(data: bytes) -> int:
    register = 0xFFFF
    for byte in data:
        register = _TABLE[(register >> 8) ^ byte]
    return register


def modbus(data: bytes) -> int:
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ _TABLE[(register ^ byte) & 0xFF]
    return register


def modbus_swapped(data: bytes) -> int:
    register = modbus(data)
    return (register & 0xFF) << 8 | register >> 8


_COMPUTED = {
    Habit.STANDARD: standard,
    Habit.MODBUS: modbus,
    Habit.MODBUS_SWAPPED: modbus_swapped,
}
CHECKED = tuple(_COMPUTED)
"""The habits that can be right or wrong."""


def computed(data: bytes, habit: Habit) -> int:
    """What a device of this habit sends; those that are not checked get the standard's."""
    return _COMPUTED.get(habit, standard)(data)


def matching(data: bytes, declared: int) -> tuple[Habit, ...]:
    """The habits by which the declared check sum is right; rarely more than one."""
    return tuple(habit for habit, compute in _COMPUTED.items() if compute(data) == declared)


def check(data: bytes, declared: int, habit: Habit | None) -> None:
    """Raises BadPacket unless the check sum is right by `habit`; None: by any."""
    if habit is Habit.UNCHECKED:
        return
    right_by = matching(data, declared)
    if right_by and habit in (None, *right_by):
        return
    if right_by:
        other = right_by[0]
        raise BadPacket(
            "CRC",
            f"{declared:04X} 不是按 {habit} 算出的 {computed(data, habit or other):04X},"
            f"而与 {other} 相符 / wrong by {habit}, right by {other}",
            f"若设备一向如此,把它的设置改为 crc: {other} / set crc: {other} for this MN",
        )
    raise BadPacket(
        "CRC",
        f"{declared:04X} 既不是 standard 的 {standard(data):04X} 也不是 modbus 的 {modbus(data):04X}"
        " / right by no habit",
        "数据在途中损坏,设备应重发;若设备一向如此,只有 crc: unchecked 能收 / damaged on its way;"
        " only crc: unchecked would take it",
    )
