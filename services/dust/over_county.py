"""A site's PM10 of an hour against the county's: above it by more than the limit, it is the site's.

Whichever of the two comes later decides. More hours of a day than the standard allows make it
more serious. One state for the county: the means of its hours and how each monitor stands, bounded
by the pack's `keep_hours` and `sites`.

Missing and flagged values and those of blackout windows count neither for the site nor for the
county; an hour with too few of them is not judged at all. A late hour never clears.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from services.dust.county_hour import CountyHours, end_of, hour_of, official_stations
from services.dust.site_hour import MINUTES, Site
from shared.declaration.rule import Facts, Limit, Outcome, Rule, State, by_county
from shared.declaration.signal import Observed
from shared.domain.finding import Finding, FindingKind, Proof
from shared.domain.moments import shanghai_day
from shared.domain.problem import Reading, Severity

CODE = "dust.pm10-over-county"
MONITOR, STATION = "dust.site-monitor", "hotspot.station-hourly"
OVER, A_DAY = "dust.site-monitor.pm10-over-county", "dust.site-monitor.exceedances-a-day"
CATEGORY = "exceed"


class OverCounty(State):
    county: CountyHours = CountyHours()
    sites: Mapping[str, Site] = Field(default_factory=dict)
    """By device."""


def rule() -> Rule[OverCounty]:
    return Rule(
        code=CODE,
        zh="工地 PM10 高出全县均值",
        en="PM10 of a site above the county's",
        reads=frozenset({MONITOR, STATION}),
        state=OverCounty,
        key=by_county,
        step=_step,
        categories=frozenset({CATEGORY}),
        proves=True,
    )


def _step(state: OverCounty, seen: Observed, facts: Facts) -> Outcome[OverCounty]:
    data = seen.data
    value = data.value("pm10")
    if facts.blacked_out(seen.line, seen.signal, data.device_id, data.observed_at):
        value = None
    # In whole thousandths, so that the order of adding changes nothing.
    thousandths = None if value is None or value < 0 else round(value * 1000)
    if seen.name == STATION:
        return _station(state, data, thousandths, facts)
    return _monitor(state, data, thousandths, facts)


def _station(state: OverCounty, data: Any, value: int | None, facts: Facts) -> Outcome[OverCounty]:
    official = official_stations(facts)
    if official and data.device_id not in official:
        return Outcome(state)
    hour = hour_of(data.observed_at)
    county = state.county.take(hour, data.device_id, value, CODE, facts)
    if county.means == state.county.means:
        return Outcome(state.model_copy(update={"county": county}))
    findings: list[Finding] = []
    sites = {}
    for device, site in state.sites.items():
        sites[device], found = _judged(site, county, facts)
        findings.extend(found)
    return Outcome(OverCounty(county=county, sites=sites), tuple(findings))


def _monitor(state: OverCounty, data: Any, value: int | None, facts: Facts) -> Outcome[OverCounty]:
    minutes = MINUTES.get(data.avg_period)
    if minutes is None:
        return Outcome(state)
    hour = hour_of(data.observed_at)
    site = state.sites.get(data.device_id) or Site(device=data.device_id, newest=hour)
    keep = int(facts.number(CODE, "keep_hours"))
    oldest = max(state.county.newest, site.newest, hour) - keep
    if hour <= oldest:
        return Outcome(state)
    left = int((end_of(hour) - data.observed_at).total_seconds())
    site = site.pruned(oldest).at(data)
    site = site.take(hour, value, minutes, left, facts.number(CODE, "coverage"))
    site, findings = _judged(site, state.county, facts)
    sites = {**state.sites, site.device: site}
    if len(sites) > facts.number(CODE, "sites"):
        # The one not heard for longest makes room.
        del sites[min(state.sites.values(), key=_heard).device]
    return Outcome(state.model_copy(update={"sites": sites}), findings)


def _heard(site: Site) -> float:
    return site.heard_at.timestamp() if site.heard_at else 0.0


def _judged(site: Site, county: CountyHours, facts: Facts) -> tuple[Site, tuple[Finding, ...]]:
    """With all waiting hours judged whose county hour is settled, in the order of time."""
    findings: list[Finding] = []
    for hour, mean in sorted(site.waiting):
        settled = county.mean(hour)
        if settled is None:
            continue
        waiting = tuple(one for one in site.waiting if one[0] != hour)
        site = site.model_copy(update={"waiting": waiting})
        limit = facts.limit(OVER, end_of(hour))
        if settled[0] is None or limit is None:
            continue
        judging = _Judging(hour, mean, settled[0], settled[1], limit)
        site, found = judging.judge(site, facts)
        findings.extend(found)
    return site, tuple(findings)


class _Judging:
    """One hour of one site beside the county's."""

    def __init__(self, hour: int, mean: int, county: int, stations: int, limit: Limit) -> None:
        self.hour, self.mean, self.county = hour, mean, county
        self.stations, self.limit = stations, limit
        self.over = mean - county

    def judge(self, site: Site, facts: Facts) -> tuple[Site, tuple[Finding, ...]]:
        late = self.hour < site.judged
        site = site.model_copy(update={"judged": max(site.judged, self.hour)})
        if self.limit.meets(self.over / 1000, "ug/m3"):
            return self._above(site, late, facts)
        if late or not site.active:
            return site, ()
        return self._below(site, facts)

    def _above(self, site: Site, late: bool, facts: Facts) -> tuple[Site, tuple[Finding, ...]]:
        site = site.model_copy(update={"hits": (*site.hits, self.hour), "active": True})
        if not late or (site.below_since is not None and self.hour >= site.below_since):
            site = site.model_copy(update=_NOT_BELOW)
        day = _day(self.hour)
        today = sum(_day(hit) == day for hit in site.hits)
        allowed = facts.limit(A_DAY, end_of(self.hour))
        often = allowed is not None and allowed.meets(today, "1")
        severity = Severity.SERIOUS if often else Severity.GENERAL
        return site, (self._finding(site, severity, today, facts),)

    def _below(self, site: Site, facts: Facts) -> tuple[Site, tuple[Finding, ...]]:
        span = facts.number(CODE, "clear_hours")
        since, last = site.below_since, site.below_last
        if since is None or last is None or self.hour - last > span / 3:
            since, count, most = self.hour, 1, self.over
        else:
            count, most = site.below_count + 1, max(site.below_most, self.over)
        if self.hour - since < span:
            held = {"below_since": since, "below_last": self.hour, "below_count": count}
            return site.model_copy(update={**held, "below_most": most}), ()
        proof = Proof(
            since=end_of(since),
            until=end_of(self.hour),
            readings=count,
            highest=self._reading(most),
        )
        finding = self._finding(site, Severity.GENERAL, 0, facts)
        site = site.model_copy(update={"active": False, **_NOT_BELOW})
        return site, (finding.model_copy(update={"kind": FindingKind.CLEAR, "proof": proof}),)

    def _reading(self, over: int) -> Reading:
        return Reading(
            quantity="pm10",
            value=over / 1000,
            unit=self.limit.unit,
            limit=self.limit.value,
            standard=self.limit.standard,
        )

    def _finding(self, site: Site, severity: Severity, today: int, facts: Facts) -> Finding:
        place = facts.place(site.site) if site.site else None
        name = place.name if place else site.site
        own, county, over = self.mean / 1000, self.county / 1000, self.over / 1000
        times = f",当日第 {today} 次" if today else ""
        return Finding(
            rule=CODE,
            subject=site.device,
            category=CATEGORY,
            severity=severity,
            source="online_monitor",
            title=f"{name or site.device} PM10 高出全县均值",
            description=f"PM10 小时均值 {own:g} ug/m3,全县 {self.stations} 站均值 {county:g} ug/m3,"
            f"相差 {over:g} ug/m3,限值 {self.limit.value:g} ug/m3"
            f"({self.limit.standard or '本县配置,无国家或地方标准号'}){times}",
            seen_at=end_of(self.hour),
            reading=self._reading(self.over),
            town=site.town or (place.town if place else None),
            lon=site.lon if site.lon is not None or not place else place.lon,
            lat=site.lat if site.lat is not None or not place else place.lat,
            site=name,
            clause="14.1",
            facts={"site_pm10": own, "county_pm10": county, "stations": self.stations},
        )


def _day(hour: int) -> object:
    """The Asia/Shanghai day in which the hour lies: the one that ends at midnight is the old day's."""
    start: datetime = end_of(hour - 1)
    return shanghai_day(start)


_NOT_BELOW: dict[str, Any] = {
    "below_since": None,
    "below_last": None,
    "below_count": 0,
    "below_most": 0,
}
