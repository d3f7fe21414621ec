"""Golden cases of production without treatment, and of devices that fall silent."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from services.industry.rules import RULES
from services.industry.signals import Cems, PowerUse
from shared.domain.problem import Severity
from tests.lines.facts import county_facts
from tests.lines.playing import Beside, play

BY_CODE = {rule.code: rule for rule in RULES}
POWER, SILENT = BY_CODE["industry.power-untreated"], BY_CODE["industry.silent"]
START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
UP, OVER = "raise", "clear"


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def power(
    minutes: float, production: float | None, treatment: float | None, **given: Any
) -> PowerUse:
    head = {"device_id": "E1", "observed_at": at(minutes)}
    both = {"prod_kw": production, "treat_kw": treatment}
    return PowerUse.model_validate({**head, **both, **given})


def off(*minutes: float, **given: Any) -> list[PowerUse]:
    return [power(minute, 80, 0, **given) for minute in minutes]


def on(*minutes: float) -> list[PowerUse]:
    return [power(minute, 80, 12) for minute in minutes]


class Case(NamedTuple):
    words: str
    signals: list[PowerUse]
    found: list[tuple[str, float]]


CASES = [
    Case("生产开、治理停 14 分钟还不算", off(0, 5, 10, 14), []),
    Case("生产开、治理停满 15 分钟立案", off(0, 5, 10, 15), [(UP, 15)]),
    Case("继续不开治理,再报", off(0, 5, 10, 15, 20), [(UP, 15), (UP, 20)]),
    Case("按观测时间算,读数来得少也算", off(0, 20), [(UP, 20)]),
    Case("中间治理开过,重新计时", [*off(0, 5, 10), *on(12), *off(15, 20, 25)], []),
    Case("生产没开不算", [power(m, 0.5, 0) for m in (0, 5, 10, 15, 20)], []),
    Case("生产功率正好 1 kW 算开", [power(m, 1, 0) for m in (0, 15)], [(UP, 15)]),
    Case("治理功率正好 0.1 kW 算开", [power(m, 80, 0.1) for m in (0, 15, 30)], []),
    Case("治理功率缺失不算停", [power(m, 80, None) for m in (0, 5, 10, 15, 20)], []),
    Case("标记异常的读数不算", off(0, 5, 10, 15, 20, qc_flag="D"), []),
    Case("中断超过半小时重新计时", off(0, 10, 41, 50), []),
    Case("同一读数送来两次不延长", off(0, 10, 10, 10), []),
    Case("晚到的读数说明治理开过,重新计时", [*off(0, 10), *on(5), *off(15, 20)], []),
    Case("两条生产线各算各的", [*off(0, line_id="1"), *off(15, line_id="2")], []),
    Case(
        "治理恢复运行 1 小时后附上证明",
        [*off(0, 15), *on(*range(20, 85, 5))],
        [(UP, 15), (OVER, 80)],
    ),
    Case(
        "停产不能证明治理设施已运行",
        [*off(0, 15), *(power(m, 0, 0) for m in (30, 60, 90))],
        [(UP, 15)],
    ),
    Case("中间停产过,重新计时", [*off(0, 10), power(12, 0, 0), *off(14, 16)], []),
    Case(
        "停产后再生产,治理运行满 1 小时才算结束",
        [*off(0, 15), *on(20, 45), power(60, 0, 0), *on(70, 100, 130)],
        [(UP, 15), (OVER, 130)],
    ),
    Case("证明只附一次", [*off(0, 15), *on(*range(20, 300, 20))], [(UP, 15), (OVER, 80)]),
    Case("恢复不到 1 小时不算完", [*off(0, 15), *on(*range(20, 80, 5))], [(UP, 15)]),
    Case(
        "恢复中又停一次,证明重新计时",
        [*off(0, 15), *on(20, 40, 60), *off(70), *on(80, 100, 120)],
        [(UP, 15)],
    ),
    Case("恢复中数据中断,证明重新计时", [*off(0, 15), *on(20, 40, 75, 100)], [(UP, 15)]),
]


@pytest.mark.parametrize("case", CASES, ids=[case.words for case in CASES])
def test_power(case: Case) -> None:
    found = play(POWER, case.signals, county_facts()).findings
    assert [(one.kind.value, one.seen_at) for one in found] == [(k, at(m)) for k, m in case.found]


def test_what_untreated_production_says() -> None:
    found = play(POWER, off(0, 15, enterprise="某家具厂"), county_facts()).findings[0]
    assert (found.category, found.severity) == ("facility_off", Severity.SERIOUS)
    assert found.clause == "23.1" and found.subject == "E1/1"
    assert "某家具厂" in found.title and "15 分钟" in found.description
    assert found.facts["minutes"] == 15


def test_a_repeated_reading_proves_nothing_more() -> None:
    signals = [*off(0, 15), *on(20, 45, 45, 45, 70, 80)]
    proof = play(POWER, signals, county_facts()).findings[-1].proof
    assert proof is not None
    assert (proof.since, proof.until, proof.readings) == (at(20), at(80), 4)


def test_a_day_without_the_limit_and_a_blackout_raise_nothing() -> None:
    without = Beside(county_facts(), limits={"industry.power-use.untreated": None})
    assert play(POWER, off(0, 15, 30), without).findings == []
    dark = Beside(county_facts(), blackouts=(("E1", at(0), at(31)),))
    assert play(POWER, off(0, 15, 30), dark).findings == []


def test_watts_for_kilowatts_are_refused() -> None:
    with pytest.raises(ValueError, match="prod_kw"):
        power(0, 450_000, 0)


def cems(minutes: float, **given: Any) -> Cems:
    return Cems.model_validate({"device_id": "MN1", "observed_at": at(minutes), **given})


def heard(signals: list[Cems], until: float) -> list[tuple[str, Severity, datetime]]:
    names: Any = {Cems: "industry.cems"}
    played = play(SILENT, signals, county_facts(), names=names, until=at(until))
    return [(one.kind.value, one.severity, one.seen_at) for one in played.findings]


def test_a_silent_monitor_is_general_after_two_hours_and_serious_after_a_day() -> None:
    assert heard([cems(0)], 119) == []
    assert heard([cems(0)], 120) == [(UP, Severity.GENERAL, at(120))]
    assert heard([cems(0)], 3 * 1440) == [
        (UP, Severity.GENERAL, at(120)),
        (UP, Severity.SERIOUS, at(1440)),
    ]


def test_flagged_readings_are_signs_of_life() -> None:
    assert heard([cems(0), cems(60, qc_flag="D")], 179) == []
