"""The VOCs line's rules: which limit, which clause, how serious, whose it likely is."""

from typing import Any

from services.vocs import repair
from shared.declaration.kernels.event import Event
from shared.declaration.kernels.exceedance import Exceedance
from shared.declaration.kernels.silence import Silence
from shared.declaration.rule import Facts, Rule
from shared.domain.finding import Finding
from shared.domain.problem import Reading, Severity
from shared.domain.quantities import QUANTITIES

PRODUCTS = {
    "cleaner_water": "水基清洗剂",
    "cleaner_semi_water": "半水基清洗剂",
    "cleaner_solvent": "有机溶剂清洗剂",
    "ink": "油墨",
    "adhesive": "胶粘剂",
    "coating": "涂料",
}


def _point(data: Any) -> str:
    return f"{data.enterprise}:{data.point}"[:120]


def _nmhc(code: str, limit: str, zh: str, en: str, hourly: bool) -> Rule[Any]:
    return Exceedance(
        code=code,
        zh=zh,
        en=en,
        signal="vocs.fid-pid",
        value="nmhc",
        quantity="nmhc",
        limit=lambda data: f"{limit}-special" if data.special else limit,
        category="collection_low",
        clause="17.1",
        department="ecology",
        applies=lambda data: (data.avg_period == "PT1H") == hourly,
        key=lambda seen: _point(seen.data),
        subject=_point,
        site=lambda data: f"{data.enterprise} {data.point}",
    ).rule()


def _product(code: str, data: Any, facts: Facts) -> Finding | None:
    """Cleaners have limits in the county's standards; the others bring theirs along."""
    limit = None
    if data.product.startswith("cleaner_"):
        limit_id = f"vocs.product-test.{data.product.replace('_', '-')}"
        limit = facts.limit(limit_id, data.observed_at)
    for value, quantity in ((data.content, "voc_content"), (data.fraction, "voc_fraction")):
        unit = QUANTITIES[quantity][0]
        if value is None:
            continue
        if limit is not None and limit.unit == unit:
            if limit.meets(value, unit):
                return _over(code, data, value, quantity, limit.value, limit.standard)
        elif limit is None and data.own_limit is not None and value > data.own_limit:
            return _over(code, data, value, quantity, data.own_limit, data.own_standard)
    return None


def _over(
    code: str, data: Any, value: float, quantity: str, limit: float, standard: str | None
) -> Finding:
    unit, name = QUANTITIES[quantity]
    product = PRODUCTS[data.product]
    return Finding(
        rule=code,
        subject=data.seller,
        category="product_limit",
        severity=Severity.SERIOUS,
        source="patrol",
        title=f"{data.seller} {product} VOCs 含量超限",
        description=f"{product}{' ' + data.name if data.name else ''}:{name} {value:g} {unit},"
        f"限值 {limit:g} {unit}({standard or '标准号未报,请核对'})",
        seen_at=data.observed_at,
        reading=Reading(quantity=quantity, value=value, unit=unit, limit=limit, standard=standard),
        town=data.town,
        lon=data.lon,
        lat=data.lat,
        site=data.seller,
        clause="4.2",
        department="market",
    )


RULES: tuple[Rule[Any], ...] = (
    Exceedance(
        code="vocs.ldar-leak",
        zh="密封点泄漏",
        en="Component leak",
        signal="vocs.ldar",
        value="leak",
        quantity="leak",
        limit=repair.leak_limit,
        category="leak",
        clause="17.1",
        department="ecology",
        key=lambda seen: repair.component_of(seen.data),  # type: ignore[arg-type]
        subject=repair.component_of,
        site=lambda data: f"{data.enterprise} {data.component}",
    ).rule(),
    repair.rule(),
    _nmhc("vocs.nmhc-hour", "vocs.fid-pid.nmhc-1h", "厂区 NMHC 小时均值超标", "Hourly NMHC", True),
    _nmhc("vocs.nmhc-any", "vocs.fid-pid.nmhc-any", "厂区 NMHC 任意一次值超标", "NMHC", False),
    Event(
        code="vocs.product-test",
        zh="产品 VOCs 含量超限",
        en="Product over VOC limit",
        signal="vocs.product-test",
        find=_product,
        categories=frozenset({"product_limit"}),
        key=lambda seen: getattr(seen.data, "seller", None),
    ).rule(),
    Silence(
        code="vocs.monitor-silent",
        signals=frozenset({"vocs.fid-pid"}),
        category="monitor_fault",
        clause="23.1",
        zh="NMHC 监测设备离线",
        en="NMHC monitor silent",
        applies=lambda data: data.fixed,
    ).rule(),
)
