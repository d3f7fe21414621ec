"""The head of a data segment, and its contents."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.hj212.protocol.content import parse_content
from services.intake.hj212.protocol.fault import BadPacket
from services.intake.hj212.protocol.segment import guessed_mn, parse_segment
from tests.unit.hj212.packets import segment

CP = "DataTime=20261124101500;a34013-Rtd=1.2,a34013-Flag=N;a21026-Rtd=,a21026-Flag=D"


def test_a_packet_of_2017() -> None:
    found = parse_segment(segment(CP).encode())
    assert (found.st, found.cn, found.mn, found.pw) == ("31", "2011", "JX00000001", "123456")
    assert found.qn == "20261124101500123"
    assert found.qn_at == datetime(2026, 11, 24, 2, 15, 0, 123000, tzinfo=UTC)
    assert (found.flag.version, found.flag.ack, found.flag.split) == ("2017", True, False)
    assert (found.parts, found.part, found.cp) == (1, 1, CP)


def test_a_packet_of_2005_may_lack_flag_and_number() -> None:
    found = parse_segment(
        b"ST=32;CN=2011;PW=123456;MN=LD130133000015;CP=&&DataTime=20160824003817&&"
    )
    assert (found.qn, found.qn_at, found.flag.version, found.flag.ack) == (
        None,
        None,
        "2005",
        False,
    )


@pytest.mark.parametrize("qn", ["1617936069734", "20261324101500123", "abc"])
def test_a_strange_number_is_kept_as_text_and_costs_nothing(qn: str) -> None:
    found = parse_segment(segment(CP, qn=qn).encode())
    assert (found.qn, found.qn_at) == (qn, None)


def test_parts_and_what_the_standard_does_not_name() -> None:
    found = parse_segment(segment(CP, flag=7, more="PNUM=3;PNO=0002;X=y;").encode())
    assert (found.parts, found.part, found.other) == (3, 2, {"X": "y"})


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"ST=31;CN=2011;PW=1;MN=A", "CP"),
        (b"ST=31;CN=2011;PW=1;MN=A;CP=&&DataTime=1", "CP"),
        (b"ST=31;CN=2011;PW=1;MN=A;CP=&&&&x", "CP"),
        (b"ST=31;PW=1;MN=A;CP=&&&&", "CN"),
        (b"ST=31;CN=2011;PW=1;CP=&&&&", "MN"),
        (b"ST=31;CN=20;PW=1;MN=A;CP=&&&&", "CN"),
        (b"ST=31;CN=2011;PW=1;MN=A B;CP=&&&&", "MN"),
        (b"QN=1 2;ST=31;CN=2011;PW=1;MN=A;CP=&&&&", "QN"),
        (b"ST=31;ST=32;CN=2011;PW=1;MN=A;CP=&&&&", "ST"),
        (b"ST=31;CN=2011;PW=1;MN=A;Flag=x;CP=&&&&", "Flag"),
        (b"ST=31;CN=2011;PW=1;MN=A;Flag=40;CP=&&&&", "Flag"),
        (b"ST=31;CN=2011;PW=1;MN=A;PNUM=2;PNO=3;CP=&&&&", "PNO"),
        (b"ST=31;hello;CN=2011;PW=1;MN=A;CP=&&&&", "hello"),
        (b"\xff\xff\xff", "data"),
    ],
)
def test_what_is_wrong_is_named(data: bytes, field: str) -> None:
    with pytest.raises(BadPacket) as caught:
        parse_segment(data)
    assert caught.value.field == field and caught.value.right


def test_the_device_is_guessed_even_from_a_broken_packet() -> None:
    assert guessed_mn(b"##0310QN=20261124;ST=31;CN=2011;PW=1;MN=JX7;Fl") == "JX7"
    assert guessed_mn(b"##0310MN=JX7;ST=31") == "JX7"
    assert guessed_mn(b"ST=31;CN=2011") is None


def test_factors_and_fields() -> None:
    found = parse_content(CP)
    assert found.data_time == datetime(2026, 11, 24, 2, 15, tzinfo=UTC)
    assert found.factors == {
        "a34013": {"Rtd": 1.2, "Flag": "N"},
        "a21026": {"Rtd": None, "Flag": "D"},
    }
    assert parse_content("PolId=101,CTime=04,CTime=10").fields == (
        ("PolId", "101"),
        ("CTime", "04"),
        ("CTime", "10"),
    )


def test_separators_may_be_exchanged() -> None:
    other = CP.replace(",", "\0").replace(";", ",").replace("\0", ";")
    assert parse_content(other).factors == parse_content(CP).factors


@pytest.mark.parametrize(
    ("cp", "field"),
    [
        ("DataTime=20261124101500;a34013-Rtd=abc", "a34013-Rtd"),
        ("DataTime=20261124101500;a34013-Rtd=NaN", "a34013-Rtd"),
        ("DataTime=20261124101500;a34013-Rtd=1e999", "a34013-Rtd"),
        ("DataTime=20261124101500;a34013-Rtd=1;a34013-Rtd=2", "a34013-Rtd"),
        ("DataTime=2026112410", "DataTime"),
        ("DataTime=20261324101500", "DataTime"),
        ("DataTime=20261124101500;DataTime=20261124101600", "DataTime"),
        ("hello", "CP hello"),
    ],
)
def test_contents_that_cannot_be_used(cp: str, field: str) -> None:
    with pytest.raises(BadPacket) as caught:
        parse_content(cp)
    assert caught.value.field == field


@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_read_or_refused(data: bytes) -> None:
    for raw in (data, b"ST=31;CN=2011;PW=1;MN=A;" + data + b"CP=&&" + data + b"&&"):
        try:
            parse_content(parse_segment(raw).cp)
        except BadPacket as fault:
            assert fault.field and fault.rule
