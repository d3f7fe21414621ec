"""Answers: they are packets themselves, in the version and with the check sum of the device."""

import pytest

from services.intake.hj212.protocol.crc import CHECKED, Habit, check
from services.intake.hj212.protocol.framing import Frame, Framer
from services.intake.hj212.protocol.reply import acknowledgement
from services.intake.hj212.protocol.segment import Segment, parse_segment
from tests.unit.hj212.packets import segment


def answered(text: str, habit: Habit) -> tuple[Frame, Segment]:
    raw = acknowledgement(parse_segment(text.encode()), habit)
    assert raw.endswith(b"\r\n")
    (frame,) = Framer().feed(raw)
    assert isinstance(frame, Frame)
    check(frame.data, frame.declared_crc, habit)
    return frame, parse_segment(frame.data)


@pytest.mark.parametrize("habit", CHECKED)
@pytest.mark.parametrize(("flag", "said"), [(5, 4), (7, 4), (9, 8)])
def test_since_2017_the_number_stands_in_the_head(habit: Habit, flag: int, said: int) -> None:
    _, reply = answered(segment("DataTime=20261124101500", flag=flag), habit)
    assert (reply.st, reply.cn, reply.mn, reply.pw) == ("91", "9014", "JX00000001", "123456")
    assert (reply.qn, reply.flag.value, reply.cp) == ("20261124101500123", said, "")


def test_in_2005_it_stands_in_the_content() -> None:
    _, reply = answered(segment("DataTime=20261124101500", flag=1), Habit.STANDARD)
    assert (reply.qn, reply.flag.value, reply.cp) == (None, 0, "QN=20261124101500123")


def test_a_strange_number_is_echoed() -> None:
    _, reply = answered(segment("", qn="1617936069734"), Habit.STANDARD)
    assert reply.qn == "1617936069734"


def test_the_exact_bytes() -> None:
    text = segment("DataTime=20261124101500", mn="A1")
    assert acknowledgement(parse_segment(text.encode()), Habit.MODBUS).startswith(
        b"##0065QN=20261124101500123;ST=91;CN=9014;PW=123456;MN=A1;Flag=4;CP=&&&&"
    )
