"""Fertiliser, pesticide and livestock ammonia against the plan's numbers for the year."""

from typing import Any

from services.livelihood.signals import AgriUsage
from shared.declaration.kernels.event import Event
from shared.declaration.rule import Facts, Rule
from shared.domain.finding import Finding
from shared.domain.problem import Severity

_SIGNAL = "livelihood.agri-usage"
_NAMES = {"fertiliser": "化肥", "pesticide": "农药"}


def usage_rule(what: str) -> Rule[Any]:
    """`fertiliser` or `pesticide`: what is used by the end of a month, against that month's share
    of the year's limit, and against the limit itself."""
    name = _NAMES[what]

    def find(rule: str, data: AgriUsage, facts: Facts) -> Finding | None:
        used, limit = data.value(what), facts.limit(f"{_SIGNAL}.{what}", data.observed_at)
        if used is None or limit is None:
            return None
        share = facts.number(rule, f"month_{data.through_month:02d}")
        path = limit.value * share / 100
        if limit.meets(used, "t"):
            severity, said = Severity.SERIOUS, f"超过全年控制量 {limit.value:g} t({limit.standard})"
        elif used > path:
            severity = Severity.GENERAL
            said = f"超过控制路径 {path:g} t(全年控制量 {limit.value:g} t 的 {share:g}%)"
        else:
            return None
        return Finding(
            rule=rule,
            subject=f"{data.year}年{name}",
            category="fertiliser",
            severity=severity,
            source="report",
            title=f"{data.year} 年{name}用量超出控制",
            description=f"截至 {data.through_month} 月底累计 {used:g} t,{said}",
            seen_at=data.observed_at,
            address="全县",
            clause="13.1",
            department="agriculture",
            facts={"used_t": used, "path_t": path, "year_t": limit.value},
        )

    return Event(
        code=f"livelihood.{what}",
        zh=f"{name}用量超出控制",
        en=f"{what.capitalize()} above the year's path",
        signal=_SIGNAL,
        find=find,
        categories=frozenset({"fertiliser"}),
        applies=lambda data: data.area == "county",
    ).rule()


def ammonia_rule() -> Rule[Any]:
    """The cut since 2020 is known only when the year is over."""

    def find(rule: str, data: AgriUsage, facts: Facts) -> Finding | None:
        now, then = data.value("nh3"), data.value("nh3_2020")
        limit = facts.limit(f"{_SIGNAL}.nh3-cut", data.observed_at)
        if now is None or not then or limit is None:
            return None
        cut = (then - now) / then * 100
        if not limit.meets(cut, "%"):
            return None
        return Finding(
            rule=rule,
            subject=f"{data.year}年养殖氨",
            category="farm_ammonia",
            severity=Severity.SERIOUS,
            source="report",
            title=f"{data.year} 年大型规模化养殖场氨排放降幅不足",
            description=f"全年 {now:g} t,2020 年 {then:g} t,降幅 {cut:.1f}%,"
            f"要求 {limit.value:g}%({limit.standard})",
            seen_at=data.observed_at,
            address="全县",
            clause="20.1",
            department="livestock",
            facts={"cut_percent": round(cut, 2), "needed_percent": limit.value},
        )

    return Event(
        code="livelihood.nh3-cut",
        zh="养殖氨减排不足",
        en="Livestock ammonia not cut enough",
        signal=_SIGNAL,
        find=find,
        categories=frozenset({"farm_ammonia"}),
        applies=lambda data: data.area == "county" and data.through_month == 12,
    ).rule()
