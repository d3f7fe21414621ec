"""Golden cases of the stack rules, in the words of the clerk who wants them so."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from services.industry.line import LINE
from services.industry.rules import RULES
from services.industry.signals import AmmoniaSlip, Cems
from shared.domain.problem import Severity
from tests.lines.facts import county_facts
from tests.lines.playing import Beside, play

BY_CODE = {rule.code: rule for rule in RULES}
START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def hour(number: float, **given: Any) -> Cems:
    return Cems.model_validate(
        {"device_id": "MN1", "observed_at": at(number), "avg_period": "PT1H", "o2": 9.0, **given}
    )


def nox(number: float, value: float | None, **given: Any) -> Cems:
    return hour(number, nox_zs=value, **given)


class Case(NamedTuple):
    words: str
    signals: list[Any]
    found: list[tuple[str, float]]
    """Kind and hour of what is found."""
    rule: str = "industry.cems-nox"


UP, OVER = "raise", "clear"
LIMIT = [
    Case("氮氧化物小时折算均值 99.9 不超标", [nox(0, 99.9)], []),
    Case("正好 100 不超标", [nox(0, 100)], []),
    Case("100.1 超标,立即立案", [nox(0, 100.1)], [(UP, 0)]),
    Case("每个超标小时都再报一次,合并由并案处理", [nox(0, 120), nox(1, 130)], [(UP, 0), (UP, 1)]),
    Case("颗粒物 10 不超标", [hour(0, pm_zs=10)], [], "industry.cems-pm"),
    Case("颗粒物 10.01 超标", [hour(0, pm_zs=10.01)], [(UP, 0)], "industry.cems-pm"),
    Case("二氧化硫 50 不超标", [hour(0, so2_zs=50)], [], "industry.cems-so2"),
    Case("二氧化硫 50.5 超标", [hour(0, so2_zs=50.5)], [(UP, 0)], "industry.cems-so2"),
    Case("只看折算值,实测值再高也不判", [hour(0, nox=400)], []),
    Case("实时值不与小时限值相比", [nox(0, 400, avg_period="instant")], []),
    Case("日均值不与小时限值相比", [nox(0, 400, avg_period="P1D")], []),
    Case("该污染物标记为维护,不判", [nox(0, 400, flags={"nox": "M"})], []),
    Case("别的污染物标记异常不影响它", [nox(0, 400, flags={"so2": "M", "nox": "N"})], [(UP, 0)]),
    Case("折算值自己的标记异常也不判", [nox(0, 400, flags={"nox_zs": "D"})], []),
    Case("整条数据标记为校准,不判", [nox(0, 400, qc_flag="C")], []),
    Case("没有数值,不判", [nox(0, None)], []),
    Case("含氧量 19% 以上是停炉,折算值不判", [nox(0, 400, o2=19.0)], []),
    Case("含氧量 18.9% 仍在运行,照判", [nox(0, 400, o2=18.9)], [(UP, 0)]),
    Case("含氧量标记异常就不能当停炉", [nox(0, 400, o2=20.5, flags={"o2": "D"})], [(UP, 0)]),
    Case("同一小时送来两次只算一次", [nox(0, 120), nox(0, 120)], [(UP, 0)]),
    Case(
        "连续 4 小时不超标,附上证明",
        [nox(0, 120), *(nox(n, 80) for n in range(1, 6))],
        [(UP, 0), (OVER, 5)],
    ),
    Case(
        "只有 3 小时不超标,还不算完", [nox(0, 120), *(nox(n, 80) for n in range(1, 5))], [(UP, 0)]
    ),
    Case(
        "中间缺数太久,证明重新计时",
        [nox(0, 120), nox(1, 80), nox(2, 80), nox(5, 80), nox(6, 80), nox(7, 80)],
        [(UP, 0)],
    ),
    Case(
        "停炉期间的数据不能证明达标",
        [nox(0, 120), *(nox(n, 0, o2=20.9) for n in range(1, 9))],
        [(UP, 0)],
    ),
    Case(
        "标记异常的数据不能证明达标",
        [nox(0, 120), *(nox(n, 10, flags={"nox": "D"}) for n in range(1, 9))],
        [(UP, 0)],
    ),
    Case("晚到的超标小时照样算", [nox(5, 80), nox(4, 120)], [(UP, 4)]),
    Case(
        "两个排口各算各的",
        [nox(0, 120, outlet="1#"), *(nox(n, 80, outlet="2#") for n in range(1, 9))],
        [(UP, 0)],
    ),
]


def stuck(values: list[float | None], start: int = 0, **given: Any) -> list[Cems]:
    return [hour(start + n, nox=value, **given) for n, value in enumerate(values)]


VARIED: list[float | None] = [31.0, 32.0, 33.0, 34.0, 33.5, 32.5, 31.5]
STUCK = "industry.cems-stuck-nox"
QUALITY = [
    Case("同一数值 11 小时还不算恒定", stuck([30.0] * 12), [], STUCK),
    Case("同一数值满 12 小时算恒定", stuck([30.0] * 13), [(UP, 12)], STUCK),
    Case("差一点点就不是恒定", stuck([30.0, 30.00001] * 10), [], STUCK),
    Case("零值 23 小时还不算", stuck([0.0] * 24), [], STUCK),
    Case("零值满 24 小时算恒定", stuck([0.0] * 25), [(UP, 24)], STUCK),
    Case("停炉时的零值不算", stuck([0.0] * 40, o2=20.9), [], STUCK),
    Case("标记异常的恒定值不算", stuck([30.0] * 20, flags={"nox": "D"}), [], STUCK),
    Case(
        "中间缺 2 小时仍算连续",
        [*stuck([30.0] * 6), *stuck([30.0] * 6, 8)],
        [(UP, 12), (UP, 13)],
        STUCK,
    ),
    Case("中间缺 4 小时就重新计时", [*stuck([30.0] * 6), *stuck([30.0] * 8, 10)], [], STUCK),
    Case("中间空值不打断", stuck([*[30.0] * 6, None, None, *[30.0] * 5]), [(UP, 12)], STUCK),
    Case(
        "恢复变化 6 小时后附上证明",
        [*stuck([30.0] * 13), *stuck(VARIED, 13)],
        [(UP, 12), (OVER, 19)],
        STUCK,
    ),
    Case(
        "恢复后又回到那个值,证明重新计时",
        [*stuck([30.0] * 13), *stuck([*VARIED[:5], 30.0, *VARIED[:5]], 13)],
        [(UP, 12)],
        STUCK,
    ),
    Case(
        "换成另一个恒定值仍是恒定",
        [*stuck([30.0] * 13), *stuck([40.0] * 13, 13)],
        [(UP, 12), (OVER, 19), (UP, 25)],
        STUCK,
    ),
    Case("重复送来的小时不延长", [*stuck([30.0] * 12), *stuck([30.0] * 12)], [], STUCK),
    Case(
        "晚到的不同数值说明并不恒定",
        [*stuck([30.0] * 6), *stuck([30.0] * 5, 7), hour(6, nox=31.0), *stuck([30.0] * 3, 12)],
        [],
        STUCK,
    ),
    Case("没有实测值时看折算值", [hour(n, nox_zs=30.0) for n in range(13)], [(UP, 12)], STUCK),
    Case(
        "标记异常 5 小时还不算",
        [hour(n, flags={"so2": "D"}) for n in range(6)],
        [],
        "industry.cems-flagged",
    ),
    Case(
        "标记异常满 6 小时是设备问题",
        [hour(n, flags={"so2": "D"}) for n in range(7)],
        [(UP, 6)],
        "industry.cems-flagged",
    ),
    Case(
        "整条数据标记异常也一样",
        [hour(n, qc_flag="B") for n in range(7)],
        [(UP, 6)],
        "industry.cems-flagged",
    ),
    Case(
        "中间正常一小时就重新计时",
        [hour(n, qc_flag="N" if n == 3 else "M") for n in range(9)],
        [],
        "industry.cems-flagged",
    ),
    Case(
        "标记恢复正常 4 小时后附上证明",
        [hour(n, qc_flag="M" if n < 7 else "N") for n in range(12)],
        [(UP, 6), (OVER, 11)],
        "industry.cems-flagged",
    ),
]


def slip(number: float, process: str, value: float | None, **given: Any) -> AmmoniaSlip:
    head = {"device_id": "MN2", "observed_at": at(number), "avg_period": "PT1H"}
    return AmmoniaSlip.model_validate({**head, "process": process, "nh3": value, **given})


SLIP = [
    Case("SCR 氨逃逸 2.5 不超标", [slip(0, "SCR", 2.5)], [], "industry.nh3-slip"),
    Case("SCR 氨逃逸 2.6 超标", [slip(0, "SCR", 2.6)], [(UP, 0)], "industry.nh3-slip"),
    Case("SNCR 氨逃逸 8 不超标", [slip(0, "SNCR", 8)], [], "industry.nh3-slip"),
    Case("SNCR 氨逃逸 8.1 超标", [slip(0, "SNCR", 8.1)], [(UP, 0)], "industry.nh3-slip"),
    Case("氨逃逸标记异常不判", [slip(0, "SCR", 9, qc_flag="D")], [], "industry.nh3-slip"),
    Case("氨逃逸没有数值不判", [slip(0, "SCR", None)], [], "industry.nh3-slip"),
]
ALL = [*LIMIT, *QUALITY, *SLIP]


@pytest.mark.parametrize("case", ALL, ids=[case.words for case in ALL])
def test_stack(case: Case) -> None:
    played = play(BY_CODE[case.rule], case.signals, county_facts())
    found = [(finding.kind.value, finding.seen_at) for finding in played.findings]
    assert found == [(kind, at(number)) for kind, number in case.found]


def test_only_more_than_twice_the_limit_is_critical() -> None:
    played = play(BY_CODE["industry.cems-nox"], [nox(0, 200), nox(1, 200.1)], county_facts())
    assert [one.severity for one in played.findings] == [Severity.SERIOUS, Severity.CRITICAL]


def test_what_an_exceedance_says() -> None:
    signals = [nox(0, 120, enterprise="某铸造厂", outlet="1#")]
    (found,) = play(BY_CODE["industry.cems-nox"], signals, county_facts()).findings
    assert found.reading is not None
    assert (found.reading.value, found.reading.limit, found.reading.unit) == (120, 100, "mg/m3")
    assert found.reading.standard == "DB37/2376-2019"
    assert (found.category, found.clause, found.department) == (
        "emission_exceed",
        "18.1",
        "ecology",
    )
    assert found.subject == "MN1/1#" and "某铸造厂 1#" in found.title


def test_severity_of_data_quality() -> None:
    (value,) = play(BY_CODE[STUCK], stuck([30.0] * 13), county_facts()).findings
    assert value.severity is Severity.SERIOUS and "30.0 mg/m3" in value.description
    flagged = [hour(n, qc_flag="M") for n in range(7)]
    (flag,) = play(BY_CODE["industry.cems-flagged"], flagged, county_facts()).findings
    assert flag.severity is Severity.GENERAL and "6.0 小时" in flag.description


def test_the_proof_counts_the_readings_and_names_the_highest() -> None:
    signals = [nox(0, 120), *(nox(n, 70 + n) for n in range(1, 6))]
    proof = play(BY_CODE["industry.cems-nox"], signals, county_facts()).findings[-1].proof
    assert proof is not None and proof.highest is not None
    assert (proof.since, proof.until, proof.readings) == (at(1), at(5), 5)
    assert proof.highest.value == 75


def test_blacked_out_hours_neither_raise_nor_clear_nor_stick() -> None:
    facts = Beside(county_facts(), blackouts=(("MN1", at(1), at(8)),))
    signals = [nox(0, 120), nox(1, 300), *(nox(n, 20) for n in range(2, 8)), nox(8, 20)]
    assert play(BY_CODE["industry.cems-nox"], signals, facts).kinds == [UP]
    assert play(BY_CODE[STUCK], stuck([30.0] * 13), facts).kinds == [], "the hole is too long"


def test_every_rule_finds_only_categories_of_its_line() -> None:
    known = {term.code for term in LINE.categories}
    assert all(rule.categories <= known and rule.categories for rule in RULES)


@pytest.mark.parametrize(
    "wrong",
    [
        {"pm": 12_000},
        {"o2": 209},
        {"nox": float("inf")},
        {"so2": -50},
        {"pm10": 3},
        {"flags": {"": "N"}},
    ],
    ids=[
        "颗粒物写成微克",
        "含氧量写成千分数",
        "无穷大",
        "负得离谱",
        "没有的字段",
        "没有名字的标记",
    ],
)
def test_a_wrong_unit_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        hour(0, **wrong)
