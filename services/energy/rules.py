"""The energy line's rules: which limit, which clause, how serious, whose it likely is."""

from typing import Any

from services.energy import coal_path
from shared.declaration.kernels.event import Event
from shared.declaration.kernels.exceedance import Exceedance
from shared.declaration.kernels.silence import Silence
from shared.declaration.rule import Facts, Rule
from shared.domain.finding import Finding
from shared.domain.problem import Severity

SOLID = {"coal": "煤", "coke": "焦炭", "petroleum_coke": "石油焦"}
NO_REPLACEMENT = {
    "petroleum_coke": "石油焦",
    "coke": "焦炭",
    "semi_coke": "兰炭",
    "oil_shale": "油母页岩",
}
"""What the plan does not take for a replacement of coal."""


def _project(code: str, data: Any, facts: Facts) -> Finding | None:
    """Gasifiers are new by being reported; the plan's 原则上 for units and furnaces is said."""
    match data.kind:
        case "gasifier":
            about = ("gasifier", Severity.SERIOUS, "6.4", "ecology", "新增燃料类煤气发生炉")
            said = "方案6.4:不再新增燃料类煤气发生炉"
        case "furnace" if data.fuel in SOLID:
            about = ("unapproved_coal_project", Severity.GENERAL, "6.4", "ecology", "新增燃煤炉窑")
            said = f"燃料为{SOLID[data.fuel]};方案6.4:新改扩建炉窑原则上采用清洁低碳能源"
        case "own_coal_unit":
            about = (
                "unapproved_coal_project",
                Severity.SERIOUS,
                "6.3",
                "development-reform",
                "新增自备燃煤机组",
            )
            said = "方案6.3:原则上不再新增自备燃煤机组"
        case "coal_project" if data.replaced_by in NO_REPLACEMENT or data.replaced is False:
            what = NO_REPLACEMENT.get(data.replaced_by)
            about = (
                "unapproved_coal_project",
                Severity.SERIOUS,
                "6.2",
                "development-reform",
                "用煤项目替代不合规",
            )
            said = f"以{what}替代" if what else "煤炭替代方案未获批准"
            said += ";方案6.2:等量或减量替代,石油焦、焦炭、兰炭、油母页岩不得作为替代措施"
        case _:
            return None
    category, severity, clause, department, title = about
    return Finding(
        rule=code,
        subject=data.project,
        category=category,
        severity=severity,
        source="patrol",
        title=f"{data.project} {title}",
        description=said,
        seen_at=data.observed_at,
        town=data.town,
        lon=data.lon,
        lat=data.lat,
        site=data.project,
        clause=clause,
        department=department,
    )


def _lag(value: str, quantity: str, zh: str, en: str) -> Rule[Any]:
    """Below the plan's target for 2025, from the day on which it was due."""
    return Exceedance(
        code=f"energy.{value.replace('_', '-')}-lag",
        zh=zh,
        en=en,
        signal="energy.power-mix",
        value=value,
        quantity=quantity,
        limit=f"energy.power-mix.{value.replace('_', '-')}",
        category="clean_energy_lag",
        clause="5.1",
        department="development-reform",
        severity=Severity.GENERAL,
        # One problem for each of the three targets.
        subject=lambda data: f"{data.device_id}:{value}",
        site=lambda _: "全县",
    ).rule()


RULES: tuple[Rule[Any], ...] = (
    coal_path.rule(),
    Event(
        code="energy.coal-project",
        zh="违规新增用煤项目",
        en="New coal equipment",
        signal="energy.coal-project",
        find=_project,
        categories=frozenset({"gasifier", "unapproved_coal_project"}),
        key=lambda seen: getattr(seen.data, "project", None),
    ).rule(),
    _lag("non_fossil", "energy_share", "非化石能源消费比重低于目标", "Non-fossil share behind"),
    _lag("electricity", "energy_share", "电能占终端能源比重低于目标", "Electricity share behind"),
    _lag("renewable", "installed_power", "可再生能源装机低于目标", "Renewable capacity behind"),
    Silence(
        code="energy.coal-report-missing",
        signals=frozenset({"energy.coal-use"}),
        category="report_missing",
        clause="6.1",
        department="development-reform",
        zh="用煤月报缺报",
        en="Monthly coal report missing",
    ).rule(),
)
