"""A connection without its socket: which packets count, which are answered, whose dead letters."""

import random
import re

from services.intake.hj212.protocol.crc import Habit
from services.intake.hj212.protocol.framing import Frame, Framer
from services.intake.hj212.protocol.segment import Segment, parse_segment
from services.intake.hj212.session import Outcome, Session, Step
from tests.unit.hj212.known import CEMS, DUST, devices
from tests.unit.hj212.packets import mutated, packed, segment

HOUR = "DataTime=20261124100000;a34013-Avg=3,a34013-Flag=N"
DUST_HOUR = "DataTime=20261124100000;a34001-Avg=90,a34001-Flag=N"


def new(**more: object) -> Session:
    known = {device.mn: device for device in devices().values()}
    if more:
        known[CEMS.mn] = CEMS.model_copy(update=more)
    return Session(known, 60, 200)


def hour(cp: str = HOUR, **more: object) -> bytes:
    return packed(segment(cp, cn="2061", **more))  # type: ignore[arg-type]


def answers(steps: list[Step]) -> list[Segment]:
    raw = b"".join(answer for step in steps for answer in step.answers)
    frames = list(Framer().feed(raw))
    return [parse_segment(each.data) for each in frames if isinstance(each, Frame)]


def outcomes(steps: list[Step]) -> list[str]:
    return [step.outcome.value for step in steps]


def reason(step: Step) -> str:
    assert step.letter is not None
    return step.letter.reason


def test_a_right_packet_becomes_an_event_and_is_answered() -> None:
    (step,) = new().take(hour(), 0)
    assert step.event is not None and (step.event.line, step.event.source) == (
        "industry",
        "JX-CEMS-1",
    )
    (answer,) = answers([step])
    assert (answer.cn, answer.qn) == ("9014", "20261124101500123")


def test_who_does_not_ask_gets_no_answer() -> None:
    (step,) = new().take(hour(flag=4), 0)
    assert step.event is not None and step.answers == ()


def test_the_answer_is_in_the_version_of_the_devices_file() -> None:
    (answer,) = answers(new(version="2005").take(hour(), 0))
    assert (answer.flag.version, answer.cp) == ("2005", "QN=20261124101500123")


def test_a_packet_sent_again_gives_the_same_event_and_an_answer_again() -> None:
    session = new()
    first, again = session.take(hour() + hour(), 0)
    assert first.event is not None and again.event is not None
    assert first.event.id == again.event.id
    assert len(answers([first, again])) == 2


def test_a_wrong_check_sum_is_not_answered_and_lies_with_the_line() -> None:
    raw = hour().strip()
    (step,) = new().take(raw[:-4] + b"0000", 0)
    assert step.letter is not None and step.answers == () and step.event is None
    assert (step.letter.line, step.letter.mn, step.letter.offset) == ("industry", CEMS.mn, 0)
    assert step.letter.raw == raw[:-4] + b"0000" and "CRC" in step.letter.reason


def test_the_habit_is_each_devices_own() -> None:
    dust = segment(DUST_HOUR, mn=DUST.mn, cn="2061", st="39")
    refused, taken = new().take(packed(dust) + packed(dust, Habit.MODBUS), 0)
    assert "crc: standard" in reason(refused)
    assert taken.event is not None and taken.event.line == "dust"


def test_an_unknown_device_is_refused_to_the_desk() -> None:
    (step,) = new().take(hour(mn="NOBODY"), 0)
    assert step.letter is not None and (step.letter.line, step.letter.mn) == (
        "coordination",
        "NOBODY",
    )
    assert "NOBODY 不在设备清单中" in step.letter.reason and step.answers == ()


def test_a_password_is_looked_at_where_there_is_one() -> None:
    assert outcomes(new(password="123456").take(hour(), 0)) == ["taken"]
    (step,) = new(password="654321").take(hour(), 0)
    assert "PW" in reason(step) and step.answers == ()


def test_contents_that_cannot_be_used_are_refused_but_answered() -> None:
    (step,) = new().take(hour("DataTime=20261124100000;a34013-Avg=99999"), 0)
    assert "a34013-Avg" in reason(step) and len(answers([step])) == 1


def test_what_is_no_reading_is_answered_and_not_kept() -> None:
    session = new()
    login = packed(segment("", cn="9021"))
    reply = packed(segment("", cn="9014"))
    asked, answered = session.take(login + reply, 0)
    assert (asked.outcome, asked.event, len(answers([asked]))) == (Outcome.UNUSED, None, 1)
    assert (answered.outcome, answered.answers) == (Outcome.UNUSED, ())


def test_parts_are_answered_when_the_message_is_whole() -> None:
    session = new()
    one = packed(segment(HOUR, cn="2061", flag=7, more="PNUM=2;PNO=1;"))
    two = packed(segment("a21026-Avg=7", cn="2061", flag=7, more="PNUM=2;PNO=2;"))
    assert outcomes(session.take(two, 0)) == ["part"] and session.waits_for_parts
    (whole,) = session.take(one, 1)
    assert whole.event is not None
    assert (whole.event.data["pm"], whole.event.data["so2"]) == (3.0, 7.0)
    assert len(answers([whole])) == 2 and not session.waits_for_parts
    (again,) = session.take(two, 2)
    assert again.outcome is Outcome.AGAIN and len(answers([again])) == 1


def test_parts_whose_others_do_not_come_are_given_up() -> None:
    session = new()
    one = packed(segment(HOUR, cn="2061", flag=7, more="PNUM=2;PNO=1;"))
    session.take(one, 0)
    assert session.expire(59) == []
    (step,) = session.expire(60)
    assert "only parts 1 of 2" in reason(step) and step.answers == ()
    session.take(one, 61)
    (step,) = session.end(62)
    assert "before the connection ended" in reason(step)


def test_a_packet_cut_off_by_the_end_lies_with_who_spoke() -> None:
    session = new()
    session.take(hour() + hour()[:20], 0)
    (step,) = session.end(0)
    assert step.letter is not None and step.letter.line == "industry"
    assert "断了" in step.letter.reason


def test_a_peer_of_which_nothing_is_right_is_hopeless_after_a_while() -> None:
    session = Session(devices(), 60, 5)
    assert len(session.take(b"##x\r\n" * 4 + hour() + b"##x\r\n" * 4, 0)) == 9
    assert not session.hopeless
    assert len(session.take(b"##x\r\n" * 1000, 0)) == 1
    assert session.hopeless and session.end(0) == []


def test_ten_thousand_mutated_packets_never_crash_and_cost_no_good_one() -> None:
    chance, session = random.Random(1), Session(devices(), 60, 10**9)
    wanted, seen, refused = set(), set(), 0
    for n in range(10_000):
        cp = f"DataTime=20261124100000;a34013-Avg={n / 100}"
        right = packed(segment(cp, cn="2061", qn=f"2026112410{n:07d}"))
        (alone,) = new().take(right, 0)
        assert alone.event is not None
        wanted.add(alone.event.id)
        bad = mutated(right, chance)
        steps = session.take(bad + b"\r\n" + right, n)
        # A scrap that shows neither a mark nor contents nor an end is noise, all else has its fate.
        assert len(steps) > 1 or not re.search(rb"##|CP=&&|&&[0-9A-F]{4}", bad), bad
        for step in steps:
            assert (step.letter is None) != (step.outcome is Outcome.REFUSED)
            refused += step.letter is not None and bool(step.letter.reason)
            if step.event is not None:
                seen.add(step.event.id)
    assert wanted <= seen
    assert refused > 9000
