"""Messages that came in several packets."""

import pytest

from services.intake.hj212.protocol.fault import BadPacket
from services.intake.hj212.protocol.framing import Frame
from services.intake.hj212.protocol.parts import MOST_BYTES, MOST_OPEN, MOST_PARTS, Parts, Whole
from services.intake.hj212.protocol.segment import Segment, parse_segment
from tests.unit.hj212.packets import packed, segment


def part(number: int, of: int, cp: str, qn: str = "20261124101500123") -> tuple[Frame, Segment]:
    text = segment(cp, qn=qn, flag=7, more=f"PNUM={of};PNO={number};")
    return Frame(0, packed(text, end=b"")), parse_segment(text.encode())


def test_a_message_of_one_packet_is_whole() -> None:
    whole = Parts(60).add(*part(1, 1, "DataTime=20261124101500"), 0)
    assert whole is not None and whole.segment.cp == "DataTime=20261124101500"


def test_parts_in_any_order_give_one_message() -> None:
    parts = Parts(60)
    assert parts.add(*part(3, 3, "c=3"), 0) is None
    assert parts.add(*part(1, 3, "DataTime=20261124101500"), 1) is None
    assert parts.add(*part(3, 3, "c=4"), 1) is None, "the same part again"
    whole = parts.add(*part(2, 3, "b=2"), 2)
    assert whole is not None
    assert whole.segment.cp == "DataTime=20261124101500;b=2;c=4"
    assert [each.part for each in whole.parts] == [1, 2, 3] and len(whole.frames) == 3
    assert len(parts) == 0


def test_a_part_that_comes_again_after_the_message_is_done() -> None:
    parts = Parts(60)
    parts.add(*part(1, 2, "a=1"), 0)
    whole = parts.add(*part(2, 2, "b=2"), 0)
    again = part(2, 2, "b=2")[1]
    assert isinstance(whole, Whole) and not parts.is_done(again)
    parts.settled(whole)
    assert parts.is_done(again)
    assert not parts.is_done(part(1, 1, "a=1")[1])
    assert not parts.is_done(part(2, 2, "b=3")[1]), "other contents under a QN that never changes"


def test_without_numbers_no_part_is_taken_for_one_sent_again() -> None:
    parts = Parts(60)
    for _ in range(2):
        parts.add(*part(1, 2, "a=1", qn="1617936069734"), 0)
        whole = parts.add(*part(2, 2, "b=2", qn="1617936069734"), 0)
        assert whole is not None
        parts.settled(whole)
        assert not parts.is_done(part(1, 2, "a=1", qn="1617936069734")[1])


def test_what_waits_too_long_is_given_up_with_its_reason() -> None:
    parts = Parts(60)
    parts.add(*part(1, 3, "a=1"), 0)
    parts.add(*part(3, 3, "c=1"), 30)
    assert parts.expired(59.9) == []
    (stale,) = parts.expired(60)
    assert len(stale.frames) == 2 and "1、3" in str(stale.fault)
    assert len(parts) == 0


def test_the_end_of_a_connection_gives_up_what_is_open() -> None:
    parts = Parts(60)
    parts.add(*part(1, 2, "a=1"), 0)
    assert [len(stale.frames) for stale in parts.abandoned()] == [1]
    assert parts.abandoned() == []


def test_bounds() -> None:
    parts = Parts(60)
    with pytest.raises(BadPacket, match=str(MOST_PARTS)):
        parts.add(*part(1, MOST_PARTS + 1, "a=1"), 0)
    for number in range(MOST_OPEN):
        parts.add(*part(1, 2, "a=1", qn=f"2026112410150{number:04d}"), 0)
    with pytest.raises(BadPacket, match="still open"):
        parts.add(*part(1, 2, "a=1"), 0)
    assert len(parts) == MOST_OPEN
    assert parts.add(*part(2, 2, "a=1", qn="20261124101500000"), 0) is not None


def test_no_more_bytes_wait_than_a_connection_may_hold() -> None:
    parts = Parts(60)
    with pytest.raises(BadPacket, match=f"{MOST_BYTES} bytes"):
        for number in range(1, MOST_PARTS):
            parts.add(*part(number, MOST_PARTS, "x" * 9000), 0)
    (stale,) = parts.abandoned()
    assert MOST_BYTES - 10_000 < sum(len(frame.raw) for frame in stale.frames) <= MOST_BYTES
