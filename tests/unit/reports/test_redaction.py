"""What may be published, and what must not be touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.redaction import published

MOBILE, IDENTITY = "13812345678", "370828199001011234"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("联系13812345678。", "联系（电话略）。"),
        ("138 1234 5678、138-1234-5678", "（电话略）、（电话略）"),
        ("\uff11\uff13\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18", "（电话略）"),
        ("+8613812345678 或 8613812345678", "（电话略） 或 （电话略）"),
        ("0537-8712345转12", "（电话略）"),
        ("\uff080537\uff098712345", "（电话略）"),
        ("电话:8712345", "电话（电话略）"),
        ("证号37082819900101123X", "证号（证件号略）"),
        ("370828 19900101 1234", "（证件号略）"),
        ("老证370828900101123", "老证（证件号略）"),
        ("张三丰报告,联系张三", "某某报告,联系某某"),
    ],
)
def test_numbers_of_persons_are_taken_out(text: str, wanted: str) -> None:
    assert published(text, ["张三", "张三丰", ""]) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "扬尘-2026-00001", "PM10 150 µg/m³,超标 1.5 倍", "116.310701234567,35.070123", "设备 88888880000001",
        "2026-11-23 09:00", "面积 12000 平方米,第 14.1 条", "鲁H12345",
    ],
)  # fmt: skip
def test_what_is_no_person_stays(text: str) -> None:
    assert published(text) == text


@given(
    st.text(alphabet="裸土路口,。 ab", max_size=20), st.text(alphabet="裸土路口,。 ab", max_size=20)
)
def test_none_gets_through_whatever_stands_around_it(before: str, after: str) -> None:
    for number in (MOBILE, IDENTITY, "0537-8712345"):
        assert number not in published(before + number + after)
