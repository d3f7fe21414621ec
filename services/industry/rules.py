"""The industry line's rules: stacks, stuck and flagged monitors, treatment that is off, slip.

Limits of a single permit are not known to the pack: every stack is held to the county's.
"""

from typing import Any

from services.industry.signals import AmmoniaSlip, Cems, FromEnterprise, PowerUse
from services.industry.stack import StackLimit, idle
from shared.declaration.kernels.exceedance import Exceedance
from shared.declaration.kernels.lasting import IDLE, WELL, Lasting
from shared.declaration.kernels.silence import Silence
from shared.declaration.rule import Facts, Rule
from shared.declaration.signal import Observed
from shared.domain.problem import Severity

DEPARTMENT = "ecology"
STACKS, MONITORS, SLIP = "18.1", "23.1", "20.2"
"""Clauses: deep treatment of key industries; networked monitoring; ammonia slip."""


def _hourly(data: Any) -> bool:
    """Limits are of hourly means; and a value is stuck only where means are stuck."""
    return bool(data.avg_period == "PT1H")


def _stack_key(seen: Observed) -> str:
    assert isinstance(seen.data, FromEnterprise)
    return seen.data.stack


def _stack(data: FromEnterprise) -> str:
    return data.stack


def _site(data: FromEnterprise) -> str | None:
    if data.enterprise is None:
        return None
    return f"{data.enterprise} {data.outlet}" if data.outlet else data.enterprise


def _stack_limit(pollutant: str, name: str) -> Rule[Any]:
    return StackLimit(
        code=f"industry.cems-{pollutant}",
        zh=f"{name}超标",
        en=f"{pollutant.upper()} over the limit",
        signal="industry.cems",
        value=f"{pollutant}_zs",
        quantity=f"stack_{pollutant}",
        limit=f"industry.cems.{pollutant}",
        category="emission_exceed",
        clause=STACKS,
        department=DEPARTMENT,
        applies=_hourly,
        key=_stack_key,
        subject=_stack,
        site=_site,
    ).rule()


def _stuck(pollutant: str, name: str) -> Rule[Any]:
    def mean(data: Cems) -> float | None:
        found = data.value(pollutant)
        return data.value(f"{pollutant}_zs") if found is None else found

    def sign(rule: str, data: Cems, facts: Facts) -> str | None:
        value = mean(data)
        return None if value is None or idle(rule, data, facts) else repr(value)

    return Lasting(
        code=f"industry.cems-stuck-{pollutant}",
        zh=f"{name}数据恒定",
        en=f"{pollutant.upper()} stuck at one value",
        signal="industry.cems",
        sign=sign,
        # Clean flue gas lies below detection for many hours: zero alone takes longer to mean much.
        hours=lambda value: "zero_hours" if float(value) == 0 else "constant_hours",
        category="monitor_fault",
        clause=MONITORS,
        department=DEPARTMENT,
        applies=_hourly,
        key=_stack_key,
        subject=_stack,
        site=_site,
        said=lambda data: f"{name}小时均值 {mean(data)} mg/m3 不变,",
    ).rule()


def _flag_sign(rule: str, data: Cems, facts: Facts) -> str:
    return "flagged" if data.flagged else WELL


def _power_sign(rule: str, data: PowerUse, facts: Facts) -> str | None:
    production, treatment = data.value("prod_kw"), data.value("treat_kw")
    if production is None or treatment is None:
        return None
    if production < facts.number(rule, "production_kw"):
        return IDLE
    return WELL if treatment >= facts.number(rule, "treatment_kw") else "untreated"


def _power_key(seen: Observed) -> str:
    assert isinstance(seen.data, PowerUse)
    return seen.data.unit


def _slip_limit(data: AmmoniaSlip) -> str:
    return f"industry.nh3-slip.{data.process.lower()}"


NAMES = {"pm": "颗粒物", "so2": "二氧化硫", "nox": "氮氧化物"}

RULES: tuple[Rule[Any], ...] = (
    *(_stack_limit(pollutant, name) for pollutant, name in NAMES.items()),
    *(_stuck(pollutant, name) for pollutant, name in NAMES.items()),
    Lasting(
        code="industry.cems-flagged",
        zh="在线监测长时间标记异常",
        en="Monitor flagged for hours",
        signal="industry.cems",
        sign=_flag_sign,
        category="monitor_fault",
        severity=Severity.GENERAL,
        clause=MONITORS,
        department=DEPARTMENT,
        applies=_hourly,
        key=_stack_key,
        subject=_stack,
        site=_site,
        said=lambda data: f"标记 {'、'.join(sorted({data.qc_flag, *data.flags.values()}))},",
    ).rule(),
    Lasting(
        code="industry.power-untreated",
        zh="生产时治理设施未运行",
        en="Production runs, treatment does not",
        signal="industry.power-use",
        sign=_power_sign,
        limit="industry.power-use.untreated",
        category="facility_off",
        clause=MONITORS,
        department=DEPARTMENT,
        key=_power_key,
        subject=lambda data: data.unit,
        site=lambda data: data.enterprise,
        said=lambda data: f"生产 {data.prod_kw or 0:g} kW,治理 {data.treat_kw or 0:g} kW,",
    ).rule(),
    Exceedance(
        code="industry.nh3-slip",
        zh="氨逃逸超标",
        en="Ammonia slip over the limit",
        signal="industry.nh3-slip",
        value="nh3",
        quantity="nh3",
        limit=_slip_limit,
        category="emission_exceed",
        clause=SLIP,
        department=DEPARTMENT,
        applies=_hourly,
        key=_stack_key,
        subject=lambda data: f"{data.stack} {data.process}",
        site=_site,
    ).rule(),
    Silence(
        code="industry.silent",
        signals=frozenset({"industry.cems", "industry.power-use", "industry.nh3-slip"}),
        category="monitor_fault",
        clause=MONITORS,
        department=DEPARTMENT,
    ).rule(),
)
