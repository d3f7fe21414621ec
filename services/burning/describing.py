"""What a fire sighting says to a clerk: the finding of a satellite point or a camera frame."""

from typing import Any

from services.burning.signals import SatelliteFire, ThermalFrame
from shared.domain.finding import Finding, Reach
from shared.domain.problem import Reading, Severity

CATEGORY = "straw"
"""What burns is seen only on the spot: the ban is about straw, and the clerk changes it."""
CLAUSE = "16.1"
DEPARTMENT = "agriculture"


def satellite_finding(rule: str, data: SatelliteFire, reach: Reach, accuracy: float) -> Finding:
    confidence = f"{data.percent:g}%" if data.percent is not None else data.confidence_level
    said = [f"{data.sensor} {data.satellite} 发现火点", f"可信度 {confidence}"]
    if data.brightness_k is not None:
        said.append(f"亮温 {data.brightness_k:g} K")
    if data.frp_mw is not None:
        said.append(f"辐射功率 {data.frp_mw:g} MW")
    said.append(f"像元约 {accuracy:g} m")
    return Finding(
        rule=rule,
        subject=f"{data.device_id}@{data.lon:.4f},{data.lat:.4f}",
        category=CATEGORY,
        severity=Severity.CRITICAL,
        source="satellite",
        title=f"卫星火点({data.satellite}),疑似露天焚烧",
        description=",".join(said),
        seen_at=data.observed_at,
        reading=_reading("frp", data.frp_mw, "MW"),
        town=data.town,
        lon=data.lon,
        lat=data.lat,
        clause=CLAUSE,
        department=DEPARTMENT,
        reach=reach,
        accuracy=accuracy,
        facts=_known(
            sensor=data.sensor,
            satellite=data.satellite,
            confidence=confidence,
            frp_mw=data.frp_mw,
            daynight=data.daynight,
        ),
    )


def camera_finding(rule: str, data: ThermalFrame, reach: Reach, accuracy: float) -> Finding:
    said = [f"热成像 {data.device_id} 发现火点", f"得分 {data.score:g}"]
    if data.temp is not None:
        said.append(f"最高温度 {data.temp:g} ℃")
    if data.az is not None:
        said.append(f"方位角 {data.az:g}°")
    placed = data.lon is not None and data.lat is not None
    if not placed:
        said.append("未能估算位置,请按方位角查找")
    return Finding(
        rule=rule,
        subject=data.device_id,
        category=CATEGORY,
        severity=Severity.CRITICAL,
        source="video",
        title=f"热成像火点({data.device_id}),疑似露天焚烧",
        description=",".join(said),
        seen_at=data.observed_at,
        reading=_reading("temperature", data.temp, "Cel"),
        town=data.town,
        lon=data.lon if placed else None,
        lat=data.lat if placed else None,
        address=None if placed or data.town else f"热成像 {data.device_id} 视野内",
        clause=CLAUSE,
        department=DEPARTMENT,
        # Without a place there is no distance: then one camera's fires are one problem.
        reach=reach if placed else None,
        accuracy=accuracy if placed else None,
        facts=_known(score=data.score, az=data.az, el=data.el, snapshot=data.snapshot),
    )


def confirmed(finding: Finding, by: str) -> Finding:
    """The finding of a weak sighting, once another witness saw the same."""
    return finding.model_copy(
        update={
            "description": f"{finding.description},可信度不足,经 {by} 再次发现证实",
            "facts": {**finding.facts, "confirmed_by": by},
        }
    )


def _reading(quantity: str, value: float | None, unit: str) -> Reading | None:
    return None if value is None else Reading(quantity=quantity, value=value, unit=unit)


def _known(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
