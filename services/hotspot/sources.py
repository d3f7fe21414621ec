"""What may be the source of a high value: other lines' devices that exceeded, their open problems,
and known places."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from services.hotspot.cell import Wind
from services.hotspot.numbers import CODE
from shared.declaration.rule import Facts
from shared.declaration.signal import GOOD_FLAGS, PROBLEM, FollowedProblem, Observed
from shared.domain.geo import Point, bearing, distance_m, upwind
from shared.domain.moments import Moment


@dataclass(frozen=True)
class Watched:
    """A field of another line's signal and the limit that makes it worth remembering."""

    field: str
    limit: str | None
    """None: the signal itself is the event."""
    unit: str
    over_county: bool = False
    """The limit is on the difference to the county's median PM10."""


FOLLOWED: Mapping[str, tuple[Watched, ...]] = {
    "dust.site-monitor": (
        Watched("pm10", "dust.site-monitor.pm10-over-county", "ug/m3", over_county=True),
    ),
    "burning.satellite": (Watched("confidence_level", None, ""),),
    "burning.thermal-camera": (Watched("score", "burning.thermal-camera.score", "1"),),
    "industry.cems": (
        Watched("pm_zs", "industry.cems.pm", "mg/m3"),
        Watched("so2_zs", "industry.cems.so2", "mg/m3"),
        Watched("nox_zs", "industry.cems.nox", "mg/m3"),
    ),
    "vocs.fid-pid": (Watched("nmhc", "vocs.fid-pid.nmhc-1h", "mg/m3"),),
    "livelihood.fume": (Watched("fume", "livelihood.fume.national", "mg/m3"),),
    "livelihood.odour": (Watched("odour", "livelihood.odour.boundary", "{OU}"),),
}
"""What is followed of the other lines: only what has a place and speaks of the air."""


FOLLOWED_PROBLEMS = frozenset(
    f"{line}.{PROBLEM}"
    for line in ("dust", "mobile", "coal", "burning", "industry", "vocs", "livelihood")
)
"""Whose open problems may be sources: the lines that look after what emits."""


class Source(BaseModel):
    """A device of another line that exceeded a limit, with its latest such reading; or an open
    problem there."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    line: str
    name: str
    lon: float
    lat: float
    at: Moment
    why: str
    open: bool = False
    """A problem that is not over: it stays one however old it is."""


@dataclass(frozen=True)
class Candidate:
    """Something near a station, the upwind ones first, then the nearer ones."""

    line: str
    name: str
    metres: float
    bearing: float
    """From the station, degrees from north."""
    upwind: bool | None
    """None: calm, or the wind is not known."""
    why: str | None
    """What it exceeded lately; None for a place that is only known to be there."""


def noted(
    sources: dict[str, Source], seen: Observed, pm10: float | None, facts: Facts
) -> dict[str, Source]:
    """The sources with what this signal says; the same object where it says nothing new.

    `pm10`: the county's median of the last judged hour, µg/m³. At most as many as the pack keeps:
    the oldest go.
    """
    data = seen.data
    if isinstance(data, FollowedProblem):
        return _with_problem(sources, seen.line, data, facts)
    why = next(
        (w for what in FOLLOWED[seen.name] if (w := _exceeds(what, seen, pm10, facts))), None
    )
    if why is None:
        return sources
    lon, lat = data.lon, data.lat
    place = facts.place(data.device_id)
    if (lon is None or lat is None) and place is not None:
        lon, lat = place.lon, place.lat
    if lon is None or lat is None:
        return sources
    key = f"{seen.line}:{data.device_id}"
    if seen.line == "burning":  # one satellite sees many fires: each is a source of its own
        key += f":{lon:.3f},{lat:.3f}"
    held = sources.get(key)
    if held is not None and held.at >= data.observed_at:
        return sources
    name = place.name if place is not None else data.device_id
    source = Source(line=seen.line, name=name, lon=lon, lat=lat, at=data.observed_at, why=why)
    return _bounded({**sources, key: source}, facts)


def _with_problem(
    sources: dict[str, Source], line: str, problem: FollowedProblem, facts: Facts
) -> dict[str, Source]:
    """What a high value itself referred is no source of it."""
    key = f"{line}:{PROBLEM}:{problem.device_id}"
    if not problem.open or problem.referred or problem.lon is None or problem.lat is None:
        return {k: one for k, one in sources.items() if k != key} if key in sources else sources
    source = Source(
        line=line,
        name=problem.site or problem.title,
        lon=problem.lon,
        lat=problem.lat,
        at=problem.observed_at,
        why=f"未办结问题 {problem.number} {problem.title}",
        open=True,
    )
    return _bounded({**sources, key: source}, facts)


def _bounded(new: dict[str, Source], facts: Facts) -> dict[str, Source]:
    most = round(facts.number(CODE, "sources_kept"))
    while len(new) > most:
        del new[min(new, key=lambda one: (new[one].at, one))]
    return new


def fresh(sources: dict[str, Source], now: datetime, facts: Facts) -> dict[str, Source]:
    """Those that exceeded within the pack's hours, and open problems."""
    since = now - timedelta(hours=facts.number(CODE, "source_hours"))
    return {key: source for key, source in sources.items() if source.open or source.at >= since}


def candidates(
    station: Point, wind: Wind | None, sources: Mapping[str, Source], facts: Facts, at: datetime
) -> tuple[Candidate, ...]:
    """Everything within the pack's distance of the station: at most one a line and name."""
    limit = facts.limit("hotspot.geometry.source-distance", at)
    if limit is None:
        return ()
    reach = limit.value * (1000 if limit.unit == "km" else 1)
    half = facts.number(CODE, "upwind_half_angle")
    known = wind is not None and wind.speed >= facts.number(CODE, "calm_wind")
    found: dict[tuple[str, str], Candidate] = {}
    for line, name, point, why in _all(sources, facts):
        away = distance_m(station, point)
        if away > reach or ((line, name) in found and why is None):
            continue
        towards = bearing(station, point)
        blows = upwind(towards, wind.from_degrees, half) if known and wind else None
        found[line, name] = Candidate(line, name, away, towards, blows, why)
    return tuple(sorted(found.values(), key=lambda c: (not c.upwind, c.metres, c.line, c.name)))


def _all(
    sources: Mapping[str, Source], facts: Facts
) -> Iterator[tuple[str, str, Point, str | None]]:
    """What exceeded comes first, so that it is not hidden by its own place."""
    for source in sorted(sources.values(), key=lambda one: (one.at, one.name), reverse=True):
        yield source.line, source.name, Point(source.lon, source.lat), source.why
    for site in facts.places("sites"):
        yield "dust", site.name, Point(site.lon, site.lat), None
    for enterprise in facts.places("enterprises"):
        for line in enterprise.lines:
            yield line, enterprise.name, Point(enterprise.lon, enterprise.lat), None


def _exceeds(what: Watched, seen: Observed, pm10: float | None, facts: Facts) -> str | None:
    data = seen.data
    if what.limit is None:
        level = getattr(data, what.field, None)
        return "发现火点" if data.good and level in ("nominal", "high") else None
    limit = facts.limit(what.limit, data.observed_at)
    value = data.value(what.field)
    if limit is None or value is None or (what.over_county and pm10 is None):
        return None
    flags = getattr(data, "flags", None)
    if isinstance(flags, dict) and any(
        flags.get(name, "N") not in GOOD_FLAGS
        for name in (what.field, what.field.removesuffix("_zs"))
    ):
        return None  # a stack's values carry a flag each
    held = value - pm10 if what.over_county and pm10 is not None else value
    if not limit.meets(held, what.unit):
        return None
    compared = "高出全县中位数" if what.over_county else "限值"
    return f"{what.field} {value:g} {what.unit}({compared} {limit.value:g})"
