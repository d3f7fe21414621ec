"""The coal line's rules: which limit, which clause, how serious, whose it likely is."""

from typing import Any

from services.coal import heating
from shared.declaration.kernels.event import Event
from shared.declaration.kernels.exceedance import Exceedance
from shared.declaration.rule import Facts, Rule
from shared.domain.finding import Finding, Reach
from shared.domain.problem import Severity

POLLUTING = {
    "coal": "燃煤",
    "loose_coal": "散煤",
    "briquette": "型煤",
    "coke": "焦炭",
    "heavy_oil": "重油",
    "residual_oil": "渣油",
    "raw_biomass": "直接燃用的生物质",
}
"""Fuels that the ban area forbids; pellets in proper boilers and gas are none."""


def _sample(
    kind: str, value: str, quantity: str, limit: str, category: str, zh: str, en: str
) -> Rule[Any]:
    """A later sample of the seller that passes proves that it is over."""
    return Exceedance(
        code=f"coal.{kind}-{value}",
        zh=zh,
        en=en,
        signal="coal.coal-sample",
        value=value,
        quantity=quantity,
        limit=limit,
        category=category,
        clause="8.4",
        department="market",
        source="patrol",
        applies=lambda data: data.kind == kind,
        key=lambda seen: getattr(seen.data, "seller", None),
        subject=lambda data: str(data.seller),
        site=lambda data: str(data.seller),
    ).rule()


def _burning(code: str, data: Any, facts: Facts) -> Finding | None:
    if data.zone is None or data.fuel not in POLLUTING:
        return None
    placed = data.lon is not None and data.lat is not None
    metres, hours = facts.number(code, "metres"), facts.number(code, "hours")
    return Finding(
        rule=code,
        subject=data.address[:120],
        category="ban_area_burning",
        severity=Severity.SERIOUS,
        source="patrol",
        title=f"禁燃区内燃用{POLLUTING[data.fuel]}",
        description=f"{data.address}(禁燃区 {data.zone})燃用{POLLUTING[data.fuel]};"
        "方案8.3:禁燃区内禁止燃烧高污染燃料",
        seen_at=data.observed_at,
        town=data.town,
        lon=data.lon,
        lat=data.lat,
        address=data.address,
        clause="8.3",
        department="ecology",
        reach=Reach(metres=metres, hours=hours) if placed else None,
        facts={"photos": list(data.photos)} if data.photos else {},
    )


def _new_boiler(code: str, data: Any, facts: Facts) -> Finding | None:
    if data.fuel != "coal" or not data.new:
        return None
    permit = f"批准文号 {data.permit},请核对" if data.permit else "没有批准文号"
    return _boiler(
        code,
        data,
        Severity.SERIOUS,
        f"{data.owner} 新建燃煤锅炉",
        f"方案7.1:全县范围原则上不再新建燃煤锅炉;{permit}",
    )


def _near_chp(code: str, data: Any, facts: Facts) -> Finding | None:
    distance, power = data.value("chp_distance"), data.value("chp_power")
    radius = facts.limit("coal.boiler.distance", data.observed_at)
    size = facts.limit("coal.boiler.chp-power", data.observed_at)
    if data.fuel != "coal" or not data.in_use or distance is None or power is None:
        return None
    if radius is None or size is None:
        return None
    if not (radius.meets(distance, "km") and size.meets(power, "MW")):
        return None
    return _boiler(
        code,
        data,
        Severity.GENERAL,
        f"{data.owner} 供热半径内的燃煤锅炉",
        f"距 {data.chp or '热电联产电厂'}({power:g} MW){distance:g} km,在 {radius.value:g} km "
        "供热半径内;方案7.1要求关停或整合",
    )


def _boiler(code: str, data: Any, severity: Severity, title: str, said: str) -> Finding:
    size = f",{data.capacity:g} t/h" if data.capacity is not None else ""
    return Finding(
        rule=code,
        subject=data.boiler,
        category="small_boiler",
        severity=severity,
        source="patrol",
        title=title,
        description=f"锅炉 {data.boiler}{size}。{said}",
        seen_at=data.observed_at,
        town=data.town,
        lon=data.lon,
        lat=data.lat,
        site=data.owner,
        clause="7.1",
    )


def _by_boiler(seen: Any) -> str:
    return str(seen.data.boiler)


RULES: tuple[Rule[Any], ...] = (
    _sample(
        "commercial",
        "sulphur",
        "sulphur_coal",
        "coal.coal-sample.sulphur",
        "coal_quality",
        "商品煤全硫超标",
        "Sulphur of coal over limit",
    ),
    _sample(
        "commercial",
        "ash",
        "ash_coal",
        "coal.coal-sample.ash",
        "coal_quality",
        "商品煤灰分超标",
        "Ash of coal over limit",
    ),
    _sample(
        "loose",
        "sulphur",
        "sulphur_coal",
        "coal.coal-sample.loose-sulphur",
        "illegal_sale",
        "散煤全硫达到禁售值",
        "Sulphur of loose coal banned from sale",
    ),
    _sample(
        "loose",
        "ash",
        "ash_coal",
        "coal.coal-sample.loose-ash",
        "illegal_sale",
        "散煤灰分达到禁售值",
        "Ash of loose coal banned from sale",
    ),
    Event(
        code="coal.ban-area",
        zh="禁燃区燃用高污染燃料",
        en="Polluting fuel burnt in the ban area",
        signal="coal.ban-area",
        find=_burning,
        categories=frozenset({"ban_area_burning"}),
    ).rule(),
    heating.rule(),
    Event(
        code="coal.new-boiler",
        zh="新建燃煤锅炉",
        en="New coal boiler",
        signal="coal.boiler",
        find=_new_boiler,
        categories=frozenset({"small_boiler"}),
        key=_by_boiler,
    ).rule(),
    Event(
        code="coal.boiler-near-chp",
        zh="供热半径内的燃煤锅炉",
        en="Coal boiler within reach of a CHP plant",
        signal="coal.boiler",
        find=_near_chp,
        categories=frozenset({"small_boiler"}),
        key=_by_boiler,
    ).rule(),
)
