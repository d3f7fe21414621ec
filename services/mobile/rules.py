"""The mobile line's rules: which limit, which clause, how serious, whose it likely is."""

from typing import Any

from services.mobile import gate
from services.mobile.passes import RepeatedPasses
from shared.declaration.kernels.event import Event
from shared.declaration.kernels.exceedance import Exceedance
from shared.declaration.kernels.silence import Silence
from shared.declaration.rule import Facts, Rule
from shared.declaration.vehicle import vehicle_of
from shared.domain.finding import Finding
from shared.domain.problem import Reading, Severity


def _by_vehicle(seen: Any) -> str:
    return vehicle_of(seen.data.plate)


def _by_machine(seen: Any) -> str:
    return str(seen.data.machine)


def _roadside(
    code: str, value: str, quantity: str, limit: Any, zh: str, en: str, category: str, diesel: bool
) -> Rule[Any]:
    """A later test that is passed proves that it is over."""
    return Exceedance(
        code=code,
        zh=zh,
        en=en,
        signal="mobile.roadside-test",
        value=value,
        quantity=quantity,
        limit=limit,
        category=category,
        clause="10.1",
        source="patrol",
        applies=(lambda data: data.fuel == "diesel") if diesel else (lambda _: True),
        key=_by_vehicle,
        subject=lambda data: vehicle_of(data.plate),
        site=lambda _: "路检车辆",
        said=lambda data: f";车辆 {data.plate}",
    ).rule()


def _machine(
    code: str, value: str, quantity: str, limit: Any, zh: str, en: str, category: str, clause: str
) -> Rule[Any]:
    return Exceedance(
        code=code,
        zh=zh,
        en=en,
        signal="mobile.nrmm-smoke",
        value=value,
        quantity=quantity,
        limit=limit,
        category=category,
        clause=clause,
        department="ecology",
        source="patrol",
        key=_by_machine,
        subject=lambda data: str(data.machine),
        site=lambda data: f"机械 {data.machine}",
    ).rule()


def smoke_limit(data: Any) -> str | None:
    """GB 36886's row for the machine's class and power; None where it has none."""
    power, prefix = data.power, "mobile.nrmm-smoke."
    if power is None:
        return None
    match data.smoke_class:
        case "I":
            if power > 560:
                return None
            row = "under-19kw" if power < 19 else "19-37kw" if power < 37 else "37-560kw"
            return f"{prefix}class1-{row}"
        case "II":
            return f"{prefix}class2-{'under-19kw' if power < 19 else 'from-19kw'}"
        case _:
            return f"{prefix}class3-{'under-37kw' if power < 37 else 'from-37kw'}"


def _geofence(code: str, data: Any, facts: Facts) -> tuple[Finding, ...]:
    name = data.machine or f"未编码机械(终端 {data.device_id})"
    shared = {
        "rule": code,
        "subject": data.machine or data.device_id,
        "source": "online_monitor",
        "seen_at": data.observed_at,
        "town": data.town,
        "lon": data.lon,
        "lat": data.lat,
        "clause": "11.2",
        "department": "ecology",
    }
    found = []
    where = f"控制区 {data.zone} 内" if data.zone else "控制区外"
    limit = facts.limit("mobile.nrmm-geofence.stage", data.observed_at)
    if data.stage is not None and limit is not None and limit.meets(data.stage, "{stage}"):
        stage = f"国 {data.stage}" if data.stage else "无排放阶段"
        found.append(
            Finding(
                **shared,
                category="nrmm_old",
                severity=Severity.CRITICAL if data.zone else Severity.SERIOUS,
                title=f"{name} 为国一及以下机械",
                description=f"{stage}机械在{where}出现;方案11.2要求国一及以下动态清零",
            )
        )
    if data.zone and data.machine is None:
        found.append(
            Finding(
                **shared,
                category="nrmm_uncoded",
                severity=Severity.GENERAL,
                title=f"{name} 进入控制区",
                description=f"未编码登记的机械在{where}",
            )
        )
    if data.zone and data.class3_passed is False:
        found.append(
            Finding(
                **shared,
                category="nrmm_zone",
                severity=Severity.SERIOUS,
                title=f"{name} 在控制区内使用",
                description=f"烟度未达到Ⅲ类限值的机械在{where}",
            )
        )
    return tuple(found)


def _unlicensed(code: str, data: Any, facts: Facts) -> Finding | None:
    if data.licensed is not False:
        return None
    what = {
        "station": "加油站",
        "depot": "油库",
        "own_tank": "自建油罐",
        "mobile_tanker": "流动加油车",
        "vehicle_tank": "车辆油箱",
    }[data.source]
    sulphur = data.value("sulphur")
    reading = None
    if sulphur is not None:
        reading = Reading(quantity="sulphur_fuel", value=sulphur, unit="mg/kg")
    return Finding(
        rule=code,
        subject=data.seller,
        category="illegal_fuel_site",
        severity=Severity.SERIOUS,
        source="patrol",
        title=f"{data.seller} 违规{what}",
        description=f"{what}没有经营许可;方案12要求清理违规自建油罐、流动加油车和加油站点",
        seen_at=data.observed_at,
        reading=reading,
        town=data.town,
        lon=data.lon,
        lat=data.lat,
        site=data.seller,
        clause="12.1",
    )


def _silent(code: str, signal: str, zh: str, en: str, clause: str) -> Rule[Any]:
    return Silence(
        code=code,
        signals=frozenset({signal}),
        category="monitor_fault",
        clause=clause,
        zh=zh,
        en=en,
    ).rule()


RULES: tuple[Rule[Any], ...] = (
    RepeatedPasses(
        code="mobile.remote-opacity",
        zh="遥感监测烟度连续超标",
        en="Opacity over limit in consecutive passes",
        value="opacity",
        quantity="opacity",
        limit="mobile.remote-sensing.opacity",
    ).rule(),
    RepeatedPasses(
        code="mobile.remote-no",
        zh="遥感监测 NO 连续超标",
        en="NO over limit in consecutive passes",
        value="no",
        quantity="nox_exhaust",
        limit="mobile.remote-sensing.no",
    ).rule(),
    _roadside(
        "mobile.roadside-smoke",
        "k",
        "smoke_k",
        lambda data: f"mobile.roadside-test.smoke-{data.limit_class}",
        "烟度超标",
        "Smoke over limit",
        "vehicle_exceed",
        True,
    ),
    _roadside(
        "mobile.roadside-nox",
        "nox",
        "nox_exhaust",
        lambda data: f"mobile.roadside-test.nox-{data.limit_class}",
        "氮氧化物超标",
        "NOx over limit",
        "vehicle_exceed",
        True,
    ),
    _roadside(
        "mobile.roadside-black",
        "ringelmann",
        "ringelmann",
        "mobile.roadside-test.ringelmann",
        "冒黑烟",
        "Black smoke",
        "black_smoke",
        True,
    ),
    _machine(
        "mobile.nrmm-smoke",
        "k",
        "smoke_k",
        smoke_limit,
        "烟度超标",
        "Machine smoke over limit",
        "nrmm_exceed",
        "11.2",
    ),
    _machine(
        "mobile.nrmm-black",
        "ringelmann",
        "ringelmann",
        "mobile.nrmm-smoke.ringelmann",
        "冒黑烟",
        "Machine with black smoke",
        "black_smoke",
        "11.3",
    ),
    Event(
        code="mobile.nrmm-geofence",
        zh="禁用机械出现",
        en="Banned machine seen",
        signal="mobile.nrmm-geofence",
        find=_geofence,
        categories=frozenset({"nrmm_old", "nrmm_uncoded", "nrmm_zone"}),
        paced=True,
    ).rule(),
    gate.rule(),
    Exceedance(
        code="mobile.fuel-sulphur",
        zh="油品硫含量超标",
        en="Sulphur in fuel over limit",
        signal="mobile.fuel-sample",
        value="sulphur",
        quantity="sulphur_fuel",
        limit="mobile.fuel-sample.sulphur",
        category="fuel_quality",
        clause="12.1",
        source="patrol",
        key=lambda seen: getattr(seen.data, "seller", None),
        subject=lambda data: str(data.seller),
        site=lambda data: str(data.seller),
    ).rule(),
    Event(
        code="mobile.fuel-unlicensed",
        zh="违规加油站点",
        en="Unlicensed fuel site",
        signal="mobile.fuel-sample",
        find=_unlicensed,
        categories=frozenset({"illegal_fuel_site"}),
        key=lambda seen: getattr(seen.data, "seller", None),
    ).rule(),
    _silent(
        "mobile.remote-silent",
        "mobile.remote-sensing",
        "遥感监测设备离线",
        "Remote sensing silent",
        "25.1",
    ),
    _silent("mobile.gate-silent", "mobile.gate-log", "门禁系统离线", "Gate silent", "23.1"),
)
