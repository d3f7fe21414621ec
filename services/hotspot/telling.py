"""A high value in a clerk's words: the finding, its seeing again, and that it is over."""

from collections.abc import Sequence
from datetime import datetime

from services.hotspot.cell import hour_end
from services.hotspot.hints import Hint
from services.hotspot.judging import Stand, Standing
from services.hotspot.memory import Calm, Station
from services.hotspot.numbers import CODE
from services.hotspot.sources import Candidate
from shared.domain.finding import Finding, FindingKind, Proof
from shared.domain.quantities import QUANTITIES
from shared.domain.reading import Reading, Severity

CLAUSE = "24.1"
SHOWN = 5
"""Candidates named in the description; there may be many in a town."""


def subject_of(station: str) -> str:
    """The air around a station, which is another thing than the station: that may be silent."""
    return f"area:{station}"


def raised(
    category: str,
    station: str,
    where: Station,
    at: datetime,
    failed: Sequence[Standing],
    stands: Sequence[Stand],
    hinted: Sequence[Hint],
    near: Sequence[Candidate],
) -> Finding:
    """`failed` is empty where it only is seen again: it still stands out, if for less long."""
    stand = failed[0].stand if failed else max(stands, key=lambda s: s.value / max(s.median, 1))
    said = [_said(one) for one in failed] or [f"{_values(stand)},仍然偏高"]
    # Two lines may be pointed to for one reason.
    reasons = dict.fromkeys(hint.reason_zh for hint in hinted)
    said.extend(f"类型提示:{reason}" for reason in reasons)
    said.extend(f"疑似来源:{described(one)}" for one in near[:SHOWN])
    grave = any(one.test != "rise" for one in failed)
    return Finding(
        rule=CODE,
        subject=subject_of(station),
        category=category,
        severity=Severity.SERIOUS if grave else Severity.GENERAL,
        source="micro_station",
        title=f"{where.name} {_name(stand)} {'高值' if grave else '浓度突升'}",
        description="。".join(said)[:2000],
        seen_at=at,
        reading=_reading(stand, stand.value, failed[0].threshold if failed else None),
        town=where.town,
        lon=where.lon,
        lat=where.lat,
        site=where.name,
        clause=CLAUSE,
        facts={
            "tests": sorted({one.test for one in failed}),
            "rank": f"{stand.rank}/{stand.of}",
            "county_median": round(stand.median, 1),
            "hints": [f"{hint.line}:{hint.strength:.2f}" for hint in hinted],
            "candidates": [described(one) for one in near[:SHOWN]],
        },
    )


def over(held: Finding, calm: Calm, now: Stand) -> Finding:
    """That it is over, with the hours that show it."""
    at = hour_end(calm.last)
    limit = held.reading.limit if held.reading else None
    proof = Proof(
        since=hour_end(calm.since - 1),
        until=at,
        readings=calm.hours,
        highest=_reading(now, calm.highest, limit),
    )
    return held.model_copy(
        update={
            "kind": FindingKind.CLEAR,
            "seen_at": at,
            "reading": _reading(now, now.value, limit),
            "description": f"{_values(now)},已连续 {calm.hours} 小时不再突出",
            "proof": proof,
            "facts": {},
        }
    )


def described(one: Candidate) -> str:
    wind = {True: "上风向", False: "非上风向", None: "风向不明或静风"}[one.upwind]
    why = f",{one.why}" if one.why else ""
    return f"{one.name}(距 {one.metres:.0f} 米,方位 {one.bearing:.0f}°,{wind}{why})"


def _reading(stand: Stand, value: float, limit: float | None) -> Reading:
    unit = QUANTITIES[stand.pollutant][0]
    return Reading(
        quantity=stand.pollutant,
        value=round(value, 3),
        unit=unit,
        limit=None if limit is None else round(limit, 3),
    )


def _said(one: Standing) -> str:
    match one.test:
        case "ratio":
            why = f"高于中位数倍数线 {one.threshold:.1f},已持续 {one.hours} 小时"
        case "rank":
            why = f"连续 {one.hours} 小时排全县前列(第 {one.stand.rank}/{one.stand.of} 位)"
        case "rise":
            why = f"1 小时内由 {one.before:g} 升至 {one.stand.value:g},全县未同步上升"
    return f"{_values(one.stand)},{why}"


def _values(stand: Stand) -> str:
    return f"{_name(stand)} 小时均值 {stand.value:.1f} µg/m³,全县中位数 {stand.median:.1f} µg/m³"


def _name(stand: Stand) -> str:
    return QUANTITIES[stand.pollutant][1]
