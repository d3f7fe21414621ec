"""Golden cases of fume, purifiers and boundary smells, in the words of the clerk."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from services.livelihood.line import LINE
from services.livelihood.rules import RULES
from services.livelihood.signals import Fume, Odour
from shared.domain.problem import Severity
from tests.lines.facts import county_facts
from tests.lines.playing import Beside, play

BY_CODE = {rule.code: rule for rule in RULES}
START = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
UP, OVER = "raise", "clear"


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def fume(minutes: float, value: float | None = None, **given: Any) -> Fume:
    head = {"device_id": "Y1", "observed_at": at(minutes), "fan_on": True, "purifier_on": True}
    return Fume.model_validate({**head, "fume": value, **given})


def smell(minutes: float, **given: Any) -> Odour:
    return Odour.model_validate({"device_id": "C1", "observed_at": at(minutes), **given})


def off(*minutes: float, **given: Any) -> list[Fume]:
    return [fume(minute, purifier_on=False, **given) for minute in minutes]


def clean(start: int, end: int) -> list[Fume]:
    return [fume(minute, 0.6) for minute in range(start, end + 1, 10)]


class Case(NamedTuple):
    words: str
    signals: list[Any]
    found: list[tuple[str, float]]
    """Kind and minute of what is found."""
    rule: str = "livelihood.fume"


PURIFIER = "livelihood.purifier-off"
OU, NH3, H2S = (f"livelihood.boundary-{what}" for what in ("odour", "nh3", "h2s"))
CASES = [
    Case("油烟正好 2.0 不超标", [fume(0, 2.0), fume(5, 2.0)], []),
    Case("油烟 2.1 一次还不算", [fume(0, 2.1)], []),
    Case("油烟 2.1 连续两次立案", [fume(0, 2.1), fume(5, 2.1)], [(UP, 5)]),
    Case("两次超标之间有一次达标,不算连续", [fume(0, 2.1), fume(5, 1.0), fume(10, 2.1)], []),
    Case("两次超标之间有一次缺数,仍算连续", [fume(0, 2.1), fume(5), fume(10, 2.1)], [(UP, 10)]),
    Case("小型餐饮 1.5 不超标", [fume(m, 1.5, size="small") for m in (0, 5)], []),
    Case("小型餐饮 1.6 超标", [fume(m, 1.6, size="small") for m in (0, 5)], [(UP, 5)]),
    Case("中型餐饮 1.2 不超标", [fume(m, 1.2, size="medium") for m in (0, 5)], []),
    Case("中型餐饮 1.3 超标", [fume(m, 1.3, size="medium") for m in (0, 5)], [(UP, 5)]),
    Case("大型餐饮 1.0 不超标", [fume(m, 1.0, size="large") for m in (0, 5)], []),
    Case("大型餐饮 1.1 超标", [fume(m, 1.1, size="large") for m in (0, 5)], [(UP, 5)]),
    Case("不知规模的 1.6 按国家限值不超标", [fume(m, 1.6) for m in (0, 5)], []),
    Case("标记异常的油烟读数不算", [fume(m, 9, qc_flag="D") for m in (0, 5)], []),
    Case("风机没开时的读数不算", [fume(m, 9, fan_on=False) for m in (0, 5)], []),
    Case("同一读数送来两次不算连续两次", [fume(0, 9), fume(0, 9)], []),
    Case(
        "炒菜时连续 2 小时达标,附上证明",
        [fume(0, 9), fume(5, 9), *clean(10, 130)],
        [(UP, 5), (OVER, 130)],
    ),
    Case("达标不到 2 小时不算完", [fume(0, 9), fume(5, 9), *clean(10, 120)], [(UP, 5)]),
    Case(
        "关门停业不能证明达标",
        [fume(0, 9), fume(5, 9), *(fume(m, 0, fan_on=False) for m in range(10, 300, 10))],
        [(UP, 5)],
    ),
    Case("净化器关 9 分钟还不算", off(0, 5, 9), [], PURIFIER),
    Case("净化器关满 10 分钟立案", off(0, 5, 10), [(UP, 10)], PURIFIER),
    Case("中间开过净化器,重新计时", [*off(0, 5), fume(7), *off(9, 14)], [], PURIFIER),
    Case("中间风机关过,重新计时", [*off(0, 5), fume(7, fan_on=False), *off(9, 14)], [], PURIFIER),
    Case("风机没开,净化器关着不算", off(0, 5, 10, 15, fan_on=False), [], PURIFIER),
    Case("不知风机状态不算", off(0, 5, 10, 15, fan_on=None), [], PURIFIER),
    Case("不知净化器状态不算", [fume(m, purifier_on=None) for m in (0, 5, 10)], [], PURIFIER),
    Case("标记异常的状态不算", off(0, 5, 10, 15, qc_flag="B"), [], PURIFIER),
    Case("读数中断超过半小时重新计时", off(0, 31, 35), [], PURIFIER),
    Case(
        "净化器开满 1 小时附上证明",
        [*off(0, 10), *clean(20, 80)],
        [(UP, 10), (OVER, 80)],
        PURIFIER,
    ),
    Case(
        "关门停业不能证明净化器已开",
        [*off(0, 10), *(fume(m, fan_on=False) for m in range(20, 120, 10))],
        [(UP, 10)],
        PURIFIER,
    ),
    Case("厂界臭气浓度 20 不超标", [smell(0, odour=20)], [], OU),
    Case("厂界臭气浓度 21 超标", [smell(0, odour=21)], [(UP, 0)], OU),
    Case("厂界氨 1.5 不超标", [smell(0, nh3=1.5)], [], NH3),
    Case("厂界氨 1.51 超标", [smell(0, nh3=1.51)], [(UP, 0)], NH3),
    Case("厂界硫化氢 0.06 不超标", [smell(0, h2s=0.06)], [], H2S),
    Case("厂界硫化氢 0.061 超标", [smell(0, h2s=0.061)], [(UP, 0)], H2S),
    Case("养殖场的氨不算厂界氨", [smell(0, nh3=3, kind="farm")], [], NH3),
    Case(
        "养殖场的氨算养殖氨排放", [smell(0, nh3=3, kind="farm")], [(UP, 0)], "livelihood.farm-nh3"
    ),
    Case("别处的氨不算养殖氨排放", [smell(0, nh3=3)], [], "livelihood.farm-nh3"),
    Case("养殖场的硫化氢照样算恶臭", [smell(0, h2s=1, kind="farm")], [(UP, 0)], H2S),
    Case("标记异常的恶臭读数不算", [smell(0, odour=90, qc_flag="C")], [], OU),
    Case("没有臭气浓度读数不算", [smell(0, h2s=0.01)], [], OU),
    Case(
        "晚到的超标读数照样算",
        [smell(60, odour=5), smell(0, odour=30)],
        [(UP, 0)],
        OU,
    ),
    Case(
        "连续 4 小时不超标,附上证明",
        [smell(0, odour=30), *(smell(m, odour=5) for m in range(60, 301, 60))],
        [(UP, 0), (OVER, 300)],
        OU,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.words for case in CASES])
def test_reading(case: Case) -> None:
    found = play(BY_CODE[case.rule], case.signals, county_facts()).findings
    assert [(one.kind.value, one.seen_at) for one in found] == [(k, at(m)) for k, m in case.found]


def test_what_fume_over_the_limit_says() -> None:
    signals = [fume(m, 1.6, size="small", site="某羊汤馆") for m in (0, 5)]
    (found,) = play(BY_CODE["livelihood.fume"], signals, county_facts()).findings
    assert found.reading is not None
    assert (found.reading.limit, found.reading.standard) == (1.5, "DB37/597-2006")
    assert (found.category, found.clause, found.department) == (
        "cooking_fume",
        "19.1",
        "enforcement",
    )
    assert found.severity is Severity.SERIOUS and "某羊汤馆" in found.title


def test_farm_ammonia_goes_to_the_livestock_centre() -> None:
    signals = [smell(0, nh3=3, kind="farm", site="某养殖场")]
    (found,) = play(BY_CODE["livelihood.farm-nh3"], signals, county_facts()).findings
    assert (found.category, found.clause, found.department) == ("farm_ammonia", "20.1", "livestock")


def test_a_blacked_out_monitor_neither_raises_nor_clears() -> None:
    facts = Beside(county_facts(), blackouts=(("Y1", at(6), at(400)),))
    signals = [fume(0, 9), fume(5, 9), *clean(10, 390)]
    assert play(BY_CODE["livelihood.fume"], signals, facts).kinds == [UP]
    assert play(BY_CODE[PURIFIER], off(*range(6, 60, 3)), facts).kinds == []


def test_a_silent_monitor_is_told_and_back_again_it_is_over() -> None:
    rule: Any = BY_CODE["livelihood.silent"]
    told = play(rule, [fume(0)], county_facts(), signal="livelihood.fume", until=at(130)).findings
    assert [(one.severity, one.seen_at) for one in told] == [(Severity.GENERAL, at(120))]
    assert told[0].category == "monitor_fault"


def test_every_rule_finds_only_categories_of_its_line() -> None:
    known = {term.code for term in LINE.categories}
    assert all(rule.categories <= known and rule.categories for rule in RULES)


@pytest.mark.parametrize(
    ("make", "wrong"),
    [
        (fume, {"value": 2000}),
        (smell, {"nh3": 1500}),
        (smell, {"h2s": float("nan")}),
        (smell, {"odour": -1}),
        (fume, {"size": "huge"}),
    ],
    ids=["油烟写成微克", "氨写成微克", "不是数", "负的臭气浓度", "没有的规模"],
)
def test_a_wrong_unit_is_refused(make: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        make(0, **wrong)
