"""Citizens' reports: each is a finding, joined by place and kind; many about one place weigh more.

Defined effects, each tested:
- the same request counts once, however often it is handed on;
- within the pack's distance, or at the same written address, is one place;
- enough within the days of the standards, in whatever order they come, make it serious;
- a position outside the county is left away, the report is not: people's phones err.
"""

import re
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.livelihood.signals import Complaint
from shared.declaration.rule import Facts, Limit, Outcome, Rule, State
from shared.declaration.signal import Observed
from shared.declaration.spans import after
from shared.domain.finding import Finding, Reach
from shared.domain.geo import Point, distance_m
from shared.domain.moments import Moment
from shared.domain.problem import Severity

CODE = "livelihood.complaint"
NAMES = {
    "cooking_fume": "餐饮油烟",
    "odour": "恶臭异味",
    "barbecue": "露天烧烤",
    "farm_ammonia": "养殖异味",
    "fertiliser": "化肥农药",
    "other": "其他",
}
"""Categories that citizens may choose, as they read them."""
DEPARTMENTS = {
    "cooking_fume": "enforcement",
    "barbecue": "enforcement",
    "odour": "ecology",
    "farm_ammonia": "livestock",
    "fertiliser": "agriculture",
}
CLAUSES = {"farm_ammonia": "20.1", "fertiliser": "13.1"}
REMEMBERED = 300
_PERSONAL = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|\d{17}[\dXx])(?!\d)")
"""Mobile and identity numbers, which people write into the text all the same."""


class Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    at: Moment
    lon: float | None
    lat: float | None
    address: str | None

    def about_same_place(self, other: "Request", metres: float) -> bool:
        if self.address is not None and self.address == other.address:
            return True
        if self.lon is None or self.lat is None or other.lon is None or other.lat is None:
            return False
        return distance_m(Point(self.lon, self.lat), Point(other.lon, other.lat)) <= metres


class Requests(State):
    """The requests of one kind of the last days."""

    recent: tuple[Request, ...] = ()


def rule() -> Rule[Requests]:
    return Rule(
        code=CODE,
        zh="群众诉求",
        en="Citizens' reports",
        reads=frozenset({CODE}),
        state=Requests,
        key=_key,
        step=_step,
        categories=frozenset(NAMES),
    )


def category_of(data: Complaint) -> str:
    return data.service_code if data.service_code in NAMES else "other"


def _key(seen: Observed) -> str:
    assert isinstance(seen.data, Complaint)
    return category_of(seen.data)


def _step(state: Requests, seen: Observed, facts: Facts) -> Outcome[Requests]:
    data, at = seen.data, seen.data.observed_at
    assert isinstance(data, Complaint)
    if not data.good or facts.blacked_out(seen.line, seen.signal, data.device_id, at):
        return Outcome(state)
    within, enough = facts.limit(f"{CODE}.within", at), facts.limit(f"{CODE}.same-place", at)
    if within is None or enough is None or any(r.id == _id(data) for r in state.recent):
        return Outcome(state)
    inside = data.lon is not None and data.lat is not None and facts.contains(data.lon, data.lat)
    request = Request(
        id=_id(data),
        at=at,
        lon=data.lon if inside else None,
        lat=data.lat if inside else None,
        address=" ".join(data.address.split()) or None if data.address else None,
    )
    metres = facts.number(CODE, "metres")
    there = [old.at for old in state.recent if request.about_same_place(old, metres)]
    count = _most_within([*there, at], at, within)
    severity = Severity.SERIOUS if enough.meets(count, "1") else Severity.GENERAL
    hours = (after(at, within) - at).total_seconds() / 3600
    finding = _finding(data, request, severity, count, Reach(metres=metres, hours=hours))
    return Outcome(Requests(recent=_remember(state, request, within)), (finding,))


def _id(data: Complaint) -> str:
    return f"{data.device_id}/{data.service_request_id}"


def _most_within(times: list[datetime], at: datetime, within: Limit) -> int:
    """The most of `times` in one stretch of `within` that has `at` in it."""
    return max(
        sum(start <= time <= after(start, within) for time in times)
        for start in times
        if start <= at <= after(start, within)
    )


def _remember(state: Requests, new: Request, within: Limit) -> tuple[Request, ...]:
    newest = max(request.at for request in (*state.recent, new))
    fresh = [r for r in (*state.recent, new) if after(r.at, within) >= newest]
    return tuple(sorted(fresh, key=lambda r: r.at)[-REMEMBERED:])


def _finding(
    data: Complaint, request: Request, severity: Severity, count: int, reach: Reach
) -> Finding:
    category = category_of(data)
    placed = request.lon is not None
    told = _PERSONAL.sub("(号码略)", data.description).strip()
    where = "" if placed or data.lon is None else "(所报坐标不在本县,已略去)"
    facts: dict[str, Any] = {"request": data.service_request_id, "channel": data.device_id}
    return Finding(
        rule=CODE,
        subject=(request.address or _id(data))[:120],
        category=category,
        severity=severity,
        source="report",
        title=f"群众反映:{NAMES[category]}"
        + (f"({request.address[:60]})" if request.address else ""),
        description=f"{told[:1900]}{where}" or "群众反映,未写明内容",
        seen_at=data.observed_at,
        town=data.town,
        lon=request.lon,
        lat=request.lat,
        address=request.address or (None if placed or data.town else "地点未写明"),
        clause=CLAUSES.get(category, "19.1"),
        department=DEPARTMENTS.get(category),
        reach=reach if placed else None,
        facts={**facts, "complaints_here": count},
    )
