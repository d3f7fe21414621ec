"""What a device that asked for an answer gets: CN 9014, data received."""

from services.intake.hj212.protocol.crc import Habit, computed
from services.intake.hj212.protocol.segment import Segment

ANSWERS = frozenset({"9011", "9012", "9013", "9014"})
"""Packets that are answers themselves and are never answered."""


def framed(data: str, habit: Habit) -> bytes:
    """A packet with its length, the check sum of this habit, and its line end."""
    raw = data.encode()
    return b"##%04d%s%04X\r\n" % (len(raw), raw, computed(raw, habit))


def acknowledgement(segment: Segment, habit: Habit) -> bytes:
    """In 2005 the QN that is answered stands in CP, since 2017 in the head."""
    own = f"ST=91;CN=9014;PW={segment.pw};MN={segment.mn};"
    answered = "" if segment.qn is None else f"QN={segment.qn}"
    if segment.flag.version == "2005":
        return framed(f"{own}Flag=0;CP=&&{answered}&&", habit)
    head = f"{answered};" if answered else ""
    return framed(f"{head}{own}Flag={segment.flag.value & ~3};CP=&&&&", habit)
