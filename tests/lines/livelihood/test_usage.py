"""Golden cases of fertiliser, pesticide and livestock ammonia against the plan's numbers."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from services.livelihood.rules import RULES
from services.livelihood.signals import AgriUsage
from shared.domain.problem import Severity
from tests.lines.facts import county_facts
from tests.lines.playing import Beside, play

BY_CODE = {rule.code: rule for rule in RULES}


def report(month: int, **given: Any) -> AgriUsage:
    sent = datetime(2026 + month // 12, month % 12 + 1, 5, tzinfo=UTC)
    head = {"device_id": "agri", "observed_at": sent, "year": 2026, "through_month": month}
    return AgriUsage.model_validate({**head, **given})


class Case(NamedTuple):
    words: str
    signals: list[AgriUsage]
    grades: str
    rule: str = "livelihood.fertiliser"


PESTICIDE, AMMONIA = "livelihood.pesticide", "livelihood.nh3-cut"
CASES = [
    Case("化肥到 6 月底正好在路径上(52%)", [report(6, fertiliser=27_716)], ""),
    Case("化肥到 6 月底略高于路径,记一般", [report(6, fertiliser=27_716.1)], "g"),
    Case("化肥全年正好 53300 吨不超", [report(12, fertiliser=53_300)], ""),
    Case("化肥超过 53300 吨,记较重", [report(12, fertiliser=53_301)], "s"),
    Case("还没到年底已超全年量,记较重", [report(10, fertiliser=60_000)], "s"),
    Case("农药到 6 月底正好在路径上(50%)", [report(6, pesticide=600)], "", PESTICIDE),
    Case("农药到 6 月底高于路径", [report(6, pesticide=601)], "g", PESTICIDE),
    Case("农药全年 1200 吨不超", [report(12, pesticide=1200)], "", PESTICIDE),
    Case("农药超过 1200 吨", [report(12, pesticide=1201)], "s", PESTICIDE),
    Case("没报化肥不判", [report(12, pesticide=1201)], ""),
    Case("镇街的数不与全县的比", [report(12, fertiliser=60_000, area="town")], ""),
    Case("标记待核的数不判", [report(12, fertiliser=60_000, qc_flag="D")], ""),
    Case("同一报表送来两次只算一次", [report(12, fertiliser=60_000)] * 2, "s"),
    Case("晚到的上月报表照样判", [report(7, fertiliser=1), report(6, fertiliser=30_000)], "g"),
    Case("养殖氨正好下降 5% 达标", [report(12, nh3=95, nh3_2020=100)], "", AMMONIA),
    Case("养殖氨只下降 4.9%", [report(12, nh3=95.1, nh3_2020=100)], "s", AMMONIA),
    Case("养殖氨不降反升", [report(12, nh3=110, nh3_2020=100)], "s", AMMONIA),
    Case("年中不判养殖氨", [report(6, nh3=100, nh3_2020=100)], "", AMMONIA),
    Case("没有 2020 年的数不判", [report(12, nh3=100)], "", AMMONIA),
]


@pytest.mark.parametrize("case", CASES, ids=[case.words for case in CASES])
def test_usage(case: Case) -> None:
    found = play(BY_CODE[case.rule], case.signals, county_facts()).findings
    assert "".join(one.severity.value[0] for one in found) == case.grades


def test_what_it_says() -> None:
    (found,) = play(
        BY_CODE["livelihood.fertiliser"], [report(6, fertiliser=30_000)], county_facts()
    ).findings
    assert found.severity is Severity.GENERAL
    assert (found.category, found.clause, found.department) == ("fertiliser", "13.1", "agriculture")
    assert "27716 t" in found.description and "30000 t" in found.description
    assert found.subject == "2026年化肥" and found.address == "全县"


def test_a_blacked_out_report_is_passed_over() -> None:
    one = report(12, fertiliser=60_000)
    window = (("agri", one.observed_at, one.observed_at.replace(year=2028)),)
    facts = Beside(county_facts(), blackouts=window)
    assert play(BY_CODE["livelihood.fertiliser"], [one], facts).findings == []


def test_tonnes_in_kilograms_are_refused() -> None:
    with pytest.raises(ValueError, match="pesticide"):
        report(12, pesticide=1_200_000)
