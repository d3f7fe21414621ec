"""The dust line's rules: which limit, which clause, how serious, whose it likely is."""

from typing import Any

from services.dust import over_county
from shared.declaration.kernels.event import Event
from shared.declaration.kernels.exceedance import Exceedance
from shared.declaration.kernels.silence import Silence
from shared.declaration.rule import Facts, Rule
from shared.declaration.vehicle import vehicle_of
from shared.domain.finding import Finding
from shared.domain.problem import Reading, Severity

FAILED: dict[str, tuple[str, str]] = {
    "hoarding": ("no_hoarding", "围挡"),
    "cover": ("bare_soil", "物料、裸土覆盖"),
    "wet_work": ("no_spraying", "湿法作业"),
    "paved": ("road_dust", "路面硬化"),
    "wheel_wash": ("no_wheel_wash", "出入车辆冲洗"),
    "truck_covered": ("truck_uncovered", "渣土车密闭运输"),
    "monitor": ("monitor_fault", "在线监测和视频监控"),
    "machines": ("other", "非道路机械达标"),
}
"""Item of the checklist → its category and name."""

SWEEPERS = {"urban": "sanitation", "national": "highway", "provincial": "highway"}
"""Who sweeps a road; county and township roads stay with the clause's lead."""


def _placed(data: Any, facts: Facts) -> dict[str, Any]:
    """Where a site is: as reported, else as the pack knows it."""
    known = facts.place(data.site) if data.site else None
    name = getattr(data, "site_name", None) or (known.name if known else data.site)
    reported = data.lon is not None and data.lat is not None
    return {
        "site": name,
        "town": data.town or (known.town if known else None),
        "lon": data.lon if reported or known is None else known.lon,
        "lat": data.lat if reported or known is None else known.lat,
        "seen_at": data.observed_at,
    }


def _video(code: str, data: Any, facts: Facts) -> Finding | None:
    known = facts.place(data.site)
    area = data.area_m2 if data.area_m2 is not None else getattr(known, "area_m2", None)
    limit = facts.limit("dust.site-video.area", data.observed_at)
    if area is None or limit is None or not limit.meets(area, "m2"):
        return None
    if data.installed and data.online is not False:
        return None
    state = "视频监控离线" if data.installed else "未安装视频监控"
    where = _placed(data, facts)
    return Finding(
        rule=code,
        subject=data.site,
        category="no_video",
        severity=Severity.GENERAL,
        source="video",
        title=f"{where['site']} {state}(提醒)",
        description=f"工地面积 {area:g} 平方米,{state}。方案14.1对 {limit.value:g} 平方米及以上"
        "工地安装视频并接入监管平台的用语是“鼓励”:请提醒并帮助接入,不作违规处理",
        clause="14.1",
        department="housing",
        **where,
    )


def _checklist(code: str, data: Any, facts: Facts) -> tuple[Finding, ...]:
    failed = [checked for checked in data.items if not checked.passed]
    limit = facts.limit("dust.checklist.failed-items", data.observed_at)
    if limit is None or not limit.meets(len(failed), "1"):
        return ()
    where = _placed(data, facts)
    return tuple(
        Finding(
            rule=code,
            subject=data.site,
            category=FAILED[checked.item][0],
            severity=Severity.GENERAL,
            source="patrol",
            title=f"{where['site']} {FAILED[checked.item][1]}不合格",
            description=f"“八个100%”检查不合格项:{FAILED[checked.item][1]}"
            f"(本次共 {len(failed)} 项不合格)",
            clause="14.1",
            facts={"photos": list(checked.photos)} if checked.photos else {},
            **where,
        )
        for checked in failed
    )


def _road(code: str, data: Any, facts: Facts) -> Finding | None:
    load = data.value("load")
    fair = facts.limit("dust.road-dust.fair", data.observed_at)
    bad = facts.limit("dust.road-dust.bad", data.observed_at)
    if load is None:
        return None
    if bad is not None and bad.meets(load, "g/m2"):
        severity, limit, word = Severity.SERIOUS, bad, "差"
    elif fair is not None and fair.meets(load, "g/m2"):
        severity, limit, word = Severity.GENERAL, fair, "一般"
    else:
        return None
    name = data.road_name or data.road
    return Finding(
        rule=code,
        subject=data.road,
        category="road_dust",
        severity=severity,
        source="patrol",
        title=f"{name} 道路积尘{word}",
        description=f"积尘负荷 {load:g} g/m2,分级值 {limit.value:g} g/m2"
        "(本县配置的分级,没有找到国家或地方标准)",
        seen_at=data.observed_at,
        reading=Reading(quantity="road_load", value=load, unit="g/m2", limit=limit.value),
        town=data.town,
        lon=data.lon,
        lat=data.lat,
        site=name,
        clause="14.2",
        department=SWEEPERS.get(data.road_class),
    )


def _covered(data: Any, limit_id: str, facts: Facts) -> Reading | None:
    """The coverage beside its limit where it falls short."""
    coverage = data.value("coverage")
    limit = facts.limit(limit_id, data.observed_at)
    if coverage is None or limit is None or not limit.meets(coverage, "%"):
        return None
    return Reading(quantity="coverage", value=coverage, unit="%", limit=limit.value)


def _truck(code: str, data: Any, facts: Facts) -> tuple[Finding, ...]:
    found = []
    shared = {
        "rule": code,
        "subject": vehicle_of(data.plate),
        "severity": Severity.GENERAL,
        "source": "video",
        "seen_at": data.observed_at,
        "town": data.town,
        "lon": data.lon,
        "lat": data.lat,
        "clause": "14.1",
        "department": "enforcement",
    }
    if reading := _covered(data, "dust.muck-truck.coverage", facts):
        said = f"渣土车 {data.plate} 覆盖率 {reading.value:g} %,应全部密闭覆盖"
        about = {"category": "truck_uncovered", "title": "渣土车未密闭覆盖", "description": said}
        found.append(Finding(**shared, **about, reading=reading))
    if data.on_route is False:
        said = f"渣土车 {data.plate} 偏离核准路线{' ' + data.route if data.route else ''}"
        about = {"category": "truck_route", "title": "渣土车偏离核准路线", "description": said}
        found.append(Finding(**shared, **about))
    return tuple(found)


def _yard(code: str, data: Any, facts: Facts) -> Finding | None:
    reading = _covered(data, "dust.yard.coverage", facts)
    if reading is None:
        return None
    clause, department, category = {
        "site": ("14.1", None, "yard_open"),
        "wharf": ("14.3", "transport", "yard_open"),
        "mine": ("15.1", "natural-resources", "mine"),
    }[data.kind]
    name = data.yard_name or data.yard
    return Finding(
        rule=code,
        subject=data.yard,
        category=category,
        severity=Severity.GENERAL,
        source="patrol",
        title=f"{name} 堆场未全部覆盖",
        description=f"覆盖率 {reading.value:g} %,应全部覆盖或封闭",
        seen_at=data.observed_at,
        reading=reading,
        town=data.town,
        lon=data.lon,
        lat=data.lat,
        site=name,
        clause=clause,
        department=department,
    )


def _tsp(code: str, zh: str, en: str, period: str, limit: str, severity: Severity) -> Rule[Any]:
    return Exceedance(
        code=code,
        zh=zh,
        en=en,
        signal="dust.site-monitor",
        value="tsp",
        quantity="tsp",
        limit=limit,
        category="exceed",
        clause="14.1",
        severity=severity,
        applies=lambda data: data.avg_period == period,
        site=lambda data: data.site,
    ).rule()


RULES: tuple[Rule[Any], ...] = (
    over_county.rule(),
    # GB 16297 is national law; the five-minute value is another province's and only a hint.
    _tsp(
        "dust.tsp-hour",
        "TSP 小时值超过周界限值",
        "Hourly TSP over the boundary limit",
        "PT1H",
        "dust.site-monitor.tsp-boundary",
        Severity.SERIOUS,
    ),
    _tsp(
        "dust.tsp-5min",
        "TSP 短时值偏高",
        "Short-term TSP high",
        "PT5M",
        "dust.site-monitor.tsp-5min-other",
        Severity.GENERAL,
    ),
    _tsp(
        "dust.tsp-day",
        "TSP 日均值超标",
        "Daily TSP over limit",
        "P1D",
        "dust.site-monitor.tsp-24h",
        Severity.SERIOUS,
    ),
    Exceedance(
        code="dust.dustfall",
        zh="降尘量超标",
        en="Dustfall over limit",
        signal="dust.dustfall",
        value="dustfall",
        quantity="dustfall",
        limit="dust.dustfall.monthly",
        category="dustfall",
        clause="14.1",
    ).rule(),
    Event(
        code="dust.site-video",
        zh="大型工地视频离线(提醒)",
        en="No video of a large site (advice)",
        signal="dust.site-video",
        find=_video,
        categories=frozenset({"no_video"}),
        key=lambda seen: getattr(seen.data, "site", None),
        paced=True,
    ).rule(),
    Event(
        code="dust.checklist",
        zh="八个100%不合格",
        en="Site check failed",
        signal="dust.checklist",
        find=_checklist,
        categories=frozenset(category for category, _ in FAILED.values()),
        key=lambda seen: getattr(seen.data, "site", None),
    ).rule(),
    Event(
        code="dust.road-dust",
        zh="道路积尘",
        en="Road dust",
        signal="dust.road-dust",
        find=_road,
        categories=frozenset({"road_dust"}),
        key=lambda seen: getattr(seen.data, "road", None),
    ).rule(),
    Event(
        code="dust.muck-truck",
        zh="渣土车违规",
        en="Muck truck",
        signal="dust.muck-truck",
        find=_truck,
        categories=frozenset({"truck_uncovered", "truck_route"}),
        key=lambda seen: vehicle_of(getattr(seen.data, "plate", "")),
        paced=True,
    ).rule(),
    Event(
        code="dust.yard",
        zh="堆场未覆盖",
        en="Open yard",
        signal="dust.yard",
        find=_yard,
        categories=frozenset({"yard_open", "mine"}),
        key=lambda seen: getattr(seen.data, "yard", None),
    ).rule(),
    Silence(
        code="dust.monitor-silent",
        signals=frozenset({"dust.site-monitor"}),
        category="monitor_fault",
        clause="14.1",
        zh="扬尘监测设备离线",
        en="Dust monitor silent",
    ).rule(),
)
