"""The energy line's golden cases."""

from datetime import datetime
from itertools import permutations
from typing import Any

import pytest

from services.energy.line import LINE
from tests.lines.cases import T0, Case, Heard, case, check, every_rule_is_told, found, heard

BASE: dict[str, dict[str, Any]] = {
    "energy.coal-use": {
        "device_id": "Q-1",
        "enterprise": "某热力公司",
        "purpose": "non_power",
        "year_cap": 12000,
        "avg_period": "P1M",
    },
    "energy.coal-project": {"device_id": "PDA-7", "project": "某食品厂", "fuel": "coal"},
    "energy.power-mix": {"device_id": "发改局月报", "avg_period": "P1M"},
}


def hours_to(year: int, month: int) -> float:
    """Hours from the cases' beginning to the end of that month."""
    year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    end = datetime.fromisoformat(f"{year}-{month:02}-01T00:00:00+08:00")
    return (end - T0).total_seconds() / 3600


def burnt(month: int, coal: float | None, year: int = 2027, **fields: Any) -> Heard:
    return heard(hours_to(year, month), "energy.coal-use", coal=coal, **fields)


def project(**fields: Any) -> Heard:
    return heard(1, "energy.coal-project", **fields)


def mix(year: int, month: int, **fields: Any) -> Heard:
    return heard(hours_to(year, month), "energy.power-mix", **fields)


def half_year(last: float) -> list[Heard]:
    """5,000 t by May, and `last` in June: the path there is 6,000 t."""
    return [*(burnt(month, 1000) for month in range(1, 6)), burnt(6, last)]


PATH, PROJECT = "energy.coal-over-path", "energy.coal-project"
CASES = (
    case("6 月底累计正好是进度的 110%:不提示", PATH, half_year(1600)),
    case(
        "6 月底累计 6601 吨,超过进度 110%:一般",
        PATH,
        half_year(1601),
        finds="general coal_over_cap",
        has="1 至 6 月累计 6601 t,进度值 6000 t",
    ),
    case("缺 3 月的月报:后面的月份先不判", PATH, [burnt(m, 3000) for m in (4, 5, 6)]),
    case(
        "缺的月报补到:一并评价",
        PATH,
        burnt(2, 1500),
        burnt(1, 1000),
        finds="general coal_over_cap",
        has="1 至 2 月累计 2500 t",
    ),
    case("带异常标记的月报:不判", PATH, burnt(1, 9000, qc_flag="D")),
    case("月报没有用煤量:不判", PATH, burnt(1, None)),
    case("没有下达上限:不判", PATH, burnt(1, 9000, year_cap=None)),
    case("原料用煤不纳入总量考核", PATH, burnt(1, 9000, purpose="feedstock")),
    case("煤矸石不纳入总量考核", PATH, burnt(1, 9000, purpose="gangue")),
    case("同一月报两遍:只算一次", PATH, burnt(1, 1000), burnt(1, 1000), burnt(2, 900)),
    case(
        "全年上限 12000 吨用到 12001 吨:较重",
        PATH,
        [burnt(month, 1000) for month in range(1, 12)],
        burnt(12, 1001),
        finds="serious coal_over_cap",
        has="全年上限 12000 t",
    ),
    case(
        "2 月超进度、3 月回到进度内:附证明",
        PATH,
        burnt(1, 1000),
        burnt(2, 1500),
        burnt(3, 500),
        finds=("general coal_over_cap", "clear coal_over_cap"),
    ),
    case(
        "新的一年从头算",
        PATH,
        [burnt(month, 1000) for month in range(1, 13)],
        burnt(1, 1050, year=2028),
    ),
    case("停用时段内的月报:不判", PATH, burnt(1, 9000), blackout=(0, 10_000)),
    case(
        "新增煤气发生炉:方案6.4,较重",
        PROJECT,
        project(kind="gasifier"),
        finds="serious gasifier",
    ),
    case(
        "替代方案未批的用煤项目:较重",
        PROJECT,
        project(kind="coal_project", replaced=False),
        finds="serious unapproved_coal_project",
    ),
    case(
        "以石油焦替代煤炭:方案不认",
        PROJECT,
        project(kind="coal_project", replaced=True, replaced_by="petroleum_coke"),
        finds="serious unapproved_coal_project",
        has="以石油焦替代",
    ),
    case(
        "替代方案已批、以清洁能源替代:没有问题",
        PROJECT,
        project(kind="coal_project", replaced=True, replaced_by="clean"),
    ),
    case("替代情况不详:不猜", PROJECT, project(kind="coal_project")),
    case(
        "新增自备燃煤机组:方案6.3(原则上)",
        PROJECT,
        project(kind="own_coal_unit"),
        finds="serious unapproved_coal_project",
        has="原则上",
    ),
    case(
        "新增燃煤加热炉:原则上用清洁能源,一般",
        PROJECT,
        project(kind="furnace"),
        finds="general unapproved_coal_project",
    ),
    case("新增电加热炉:没有问题", PROJECT, project(kind="furnace", fuel="electric")),
    case(
        "同一项目同一次上报两遍:记一次",
        PROJECT,
        [project(kind="gasifier")] * 2,
        finds="serious gasifier",
    ),
    case(
        "2026 年非化石能源占比 13.9%:低于目标,一般",
        "energy.non-fossil-lag",
        mix(2026, 12, non_fossil=13.9),
        finds="general clean_energy_lag",
        has="限值 14 %(方案5.1)",
    ),
    case("非化石能源占比正好 14%:达到", "energy.non-fossil-lag", mix(2026, 12, non_fossil=14)),
    case("2025 年 11 月还没有到期:不判", "energy.non-fossil-lag", mix(2025, 11, non_fossil=9)),
    case(
        "2025 年底到期:判",
        "energy.non-fossil-lag",
        mix(2025, 12, non_fossil=9),
        finds="general clean_energy_lag",
    ),
    case(
        "次月达到目标:附证明",
        "energy.electricity-lag",
        mix(2026, 11, electricity=29.5),
        mix(2026, 12, electricity=30),
        finds=("general clean_energy_lag", "clear clean_energy_lag"),
    ),
    case("电能占比缺报:不判也不解除", "energy.electricity-lag", mix(2026, 11, non_fossil=9)),
    case(
        "可再生能源装机 449 MW:低于 45 万千瓦",
        "energy.renewable-lag",
        mix(2026, 12, renewable=449),
        finds="general clean_energy_lag",
    ),
    case("装机正好 450 MW:达到", "energy.renewable-lag", mix(2026, 12, renewable=450)),
    case(
        "月报 46 天没有下一期:缺报",
        "energy.coal-report-missing",
        burnt(12, 800, year=2026),
        until=hours_to(2026, 12) + 46 * 24,
        finds="general report_missing",
    ),
    case(
        "下一期在 45 天内报到:正常",
        "energy.coal-report-missing",
        burnt(12, 800, year=2026),
        until=hours_to(2026, 12) + 45 * 24,
    ),
    case(
        "补报以后:附证明",
        "energy.coal-report-missing",
        burnt(10, 800, year=2026),
        burnt(12, 800, year=2026),
        finds=("general report_missing", "clear report_missing"),
    ),
)


@pytest.mark.parametrize("given", CASES, ids=str)
def test_case(given: Case) -> None:
    check(LINE, given, BASE)


def test_every_rule_is_told() -> None:
    every_rule_is_told(LINE, CASES)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_months_in_any_order_raise_the_same_months(order: tuple[int, ...]) -> None:
    months = [burnt(1, 1000), burnt(2, 1500), burnt(3, 1200), burnt(4, 200)]
    given = case("乱序", PATH, [months[n] for n in order])
    raised = {one.seen_at for one in found(LINE, given, BASE) if one.kind.value == "raise"}
    assert len(raised) == 2
