"""Golden cases of citizens' reports, in the words of the clerk who answers them."""

import json
from datetime import UTC, datetime, timedelta
from itertools import combinations
from math import cos, hypot, radians
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from services.livelihood.complaints import rule
from services.livelihood.signals import Complaint
from tests.lines.facts import county_facts
from tests.lines.playing import Beside, Played, play

RULE = rule()
START = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
LON, LAT = 116.31, 35.07
METRE = 1 / 111_195
REAL = Path(__file__).parents[4] / "shared/data/open311/chicago_requests_2014.json"


def at(days: float) -> datetime:
    return START + timedelta(days=days)


def told(
    days: float, north: float | None = 0, code: str = "cooking_fume", **given: Any
) -> Complaint:
    placed = {} if north is None else {"lon": LON, "lat": LAT + north * METRE}
    head = {"device_id": "12345", "observed_at": at(days), "service_code": code}
    number = {"service_request_id": f"{code}-{days}-{north}-{given.get('address')}"}
    return Complaint.model_validate({**head, **number, **placed, **given})


class Case(NamedTuple):
    words: str
    signals: list[Complaint]
    grades: str
    """Of each finding, g(eneral) or s(erious)."""


STREET = "金乡街道中心街 8 号"
CASES = [
    Case("一次诉求就是一件一般问题", [told(0)], "g"),
    Case("同一地点两次还是一般", [told(0), told(1)], "gg"),
    Case("同一地点 7 天内第三次记较重", [told(0), told(1), told(2)], "ggs"),
    Case("第三次正好在第 7 天也算", [told(0), told(1), told(7)], "ggs"),
    Case("第三次超过 7 天不算", [told(0), told(1), told(7.01)], "ggg"),
    Case("相距 200 米以内算同一地点", [told(0), told(1, 100), told(2, 199)], "ggs"),
    Case("相距超过 200 米不算", [told(0), told(1, 100), told(2, 201)], "ggg"),
    Case("不同类别不相加", [told(0), told(1), told(2, code="odour")], "ggg"),
    Case("没有坐标时按同一地址算", [told(n, None, address=STREET) for n in range(3)], "ggs"),
    Case(
        "地址多个空格仍是同一地址",
        [
            told(0, None, address="中心街 8 号"),
            told(1, None, address=" 中心街  8 号 "),
            told(2, None, address="中心街 8 号"),
        ],
        "ggs",
    ),
    Case("地址不同又没有坐标不相加", [told(n, None, address=f"{n} 号") for n in range(3)], "ggg"),
    Case("没有坐标也没有地址不相加", [told(n, None) for n in range(3)], "ggg"),
    Case("同一诉求转来两次只算一次", [told(0), told(0), told(1), told(1)], "gg"),
    Case(
        "同一号码改了时间转来仍是同一诉求",
        [told(0, service_request_id="A"), told(1, service_request_id="A")],
        "g",
    ),
    Case("晚到的诉求也算进 7 天", [told(2), told(1), told(0)], "ggs"),
    Case("晚到太久的诉求单独立案", [told(20), told(21), told(0)], "ggg"),
    Case("晚到的诉求不与一周以后的三次相加", [told(10), told(10.1), told(10.2), told(2)], "ggsg"),
    Case("标记作废的诉求不算", [told(0), told(1), told(2, qc_flag="X")], "gg"),
    Case("不认识的类别归入其他", [told(0, code="pothole")], "g"),
]


def grades(played: Played) -> str:
    return "".join(one.severity.value[0] for one in played.findings)


@pytest.mark.parametrize("case", CASES, ids=[case.words for case in CASES])
def test_complaint(case: Case) -> None:
    assert grades(play(RULE, case.signals, county_facts())) == case.grades


def test_what_a_complaint_says() -> None:
    said = "烧烤店油烟大,请回电 13812345678,身份证 370828199001011234"
    one = told(0, description=said, address=STREET)
    (found,) = play(RULE, [one], county_facts()).findings
    assert (found.category, found.source, found.department) == (
        "cooking_fume",
        "report",
        "enforcement",
    )
    assert found.reach is not None and (found.reach.metres, found.reach.hours) == (200, 168)
    assert "烧烤店油烟大" in found.description
    assert "138" not in found.description and "370828" not in found.description
    assert found.address == STREET and found.clause == "19.1"


def test_a_position_elsewhere_is_left_away_and_the_report_is_kept() -> None:
    (found,) = play(RULE, [told(0, 90_000, address=STREET)], county_facts()).findings
    assert found.lon is None and found.reach is None and found.address == STREET
    assert "不在本县" in found.description
    (bare,) = play(RULE, [told(0, 90_000)], county_facts()).findings
    assert bare.address, "a problem needs some place"


def test_who_reported_has_no_place_in_it() -> None:
    assert not {"name", "phone", "email", "reporter"} & set(Complaint.model_fields)
    with pytest.raises(ValueError, match="phone"):
        told(0, phone="13812345678")


def test_days_without_limits_and_blackouts_take_no_notice() -> None:
    without = Beside(county_facts(), limits={"livelihood.complaint.within": None})
    assert play(RULE, [told(0)], without).findings == []
    dark = Beside(county_facts(), blackouts=(("12345", at(0), at(1)),))
    assert grades(play(RULE, [told(0), told(1)], dark)) == "g"


def test_what_is_remembered_stays_small() -> None:
    played = play(RULE, [told(n / 100, n * 500) for n in range(310)], county_facts())
    assert len(played.states["cooking_fume"].recent) == 300
    later = play(RULE, [told(0), told(1), told(8)], county_facts())
    assert len(later.states["cooking_fume"].recent) == 2, "what is older than a week is forgotten"


@pytest.mark.skipif(not REAL.exists(), reason="the real data is not here")
@pytest.mark.parametrize(("metres", "serious"), [(200, 0), (4000, 2)])
def test_real_requests_are_each_told_once_and_graded_as_counted_apart(
    metres: float, serious: int
) -> None:
    """Chicago's requests, moved nowhere: with the whole world as the county."""
    rows = json.loads(REAL.read_text(encoding="utf-8"))
    rows.sort(key=lambda row: datetime.fromisoformat(row["requested_datetime"]))
    signals = [
        Complaint(
            device_id="open311",
            observed_at=row["requested_datetime"],
            service_request_id=row["service_request_id"],
            service_code=row["service_code"],
            description=row.get("description") or "",
            address=row.get("address"),
            lon=row.get("long"),
            lat=row.get("lat"),
        )
        for row in rows
    ]
    played = play(
        RULE, signals, Beside(county_facts(), everywhere=True, numbers={"metres": metres})
    )
    assert len(played.findings) == len({row["service_request_id"] for row in rows})
    assert {one.category for one in played.findings} == {"other"}
    expected = "".join("s" if third_of_a_week(rows, n, metres) else "g" for n in range(len(rows)))
    assert grades(played) == expected
    assert expected.count("s") == serious


def third_of_a_week(rows: list[Any], n: int, metres: float) -> bool:
    """Whether row `n` makes three within `metres` and 7 days with two that came before it."""

    def days(row: Any) -> float:
        return datetime.fromisoformat(row["requested_datetime"]).timestamp() / 86_400

    def here(row: Any) -> bool:
        east = (row["long"] - rows[n]["long"]) * cos(radians(row["lat"]))
        north = row["lat"] - rows[n]["lat"]
        return bool(hypot(east, north) * 111_195 <= metres or row["address"] == rows[n]["address"])

    before = [days(row) for row in rows[:n] if here(row)]
    own = days(rows[n])
    return any(max(*two, own) - min(*two, own) <= 7 for two in combinations(before, 2))
