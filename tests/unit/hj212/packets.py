"""Packets for the tests, right ones and what becomes of them on a bad line."""

import random
from pathlib import Path

from services.intake.hj212.protocol.crc import Habit, computed

DATA = Path(__file__).parents[4] / "shared/data/hj212"


def packed(data: str | bytes, habit: Habit = Habit.STANDARD, end: bytes = b"\r\n") -> bytes:
    raw = data.encode() if isinstance(data, str) else data
    return b"##%04d%s%04X%s" % (len(raw), raw, computed(raw, habit), end)


def segment(
    cp: str,
    mn: str = "JX00000001",
    cn: str = "2011",
    qn: str | None = "20261124101500123",
    st: str = "31",
    flag: int | None = 5,
    more: str = "",
) -> str:
    head = f"QN={qn};" if qn is not None else ""
    flagged = f"Flag={flag};" if flag is not None else ""
    return f"{head}ST={st};CN={cn};PW=123456;MN={mn};{flagged}{more}CP=&&{cp}&&"


def mutated(packet: bytes, chance: random.Random) -> bytes:
    """A right packet, damaged in one way; it may happen to be right still."""
    body = packet.rstrip(b"\r\n")
    at = chance.randrange(len(body))
    match chance.randrange(9):
        case 0:  # a byte changed
            body = body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :]
        case 1:  # a byte lost
            body = body[:at] + body[at + 1 :]
        case 2:  # bytes put in
            body = body[:at] + chance.randbytes(chance.randrange(1, 5)) + body[at:]
        case 3:  # cut off behind
            body = body[:at]
        case 4:  # cut off before
            body = body[at:]
        case 5:  # another length
            body = b"##%04d" % chance.randrange(10_000) + body[6:]
        case 6:  # another check sum
            body = body[:-4] + b"%04X" % (int(body[-4:], 16) ^ chance.randrange(1, 65536))
        case 7:  # two bytes exchanged
            other = chance.randrange(len(body))
            swapped = bytearray(body)
            swapped[at], swapped[other] = swapped[other], swapped[at]
            body = bytes(swapped)
        case 8:  # a stretch in zeros
            body = body[:at] + b"\0" * min(8, len(body) - at) + body[at + 8 :]
    return body + chance.choice((b"", b"\r\n", b"\n"))
