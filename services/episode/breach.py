"""Measures that were not taken: graver in a graver episode, and over when seen to be taken."""

from services.episode.course import LEVEL_NAMES, Course, level_at
from services.episode.signals import MeasureCheck
from services.episode.spells import Level
from shared.declaration.rule import Facts
from shared.domain.finding import Finding, FindingKind, Proof
from shared.domain.reading import Severity

CODE = "episode.course"
CLAUSE = "21.1"
KEPT = 500
"""Open breaches remembered: the oldest go, and then a later check proves nothing by itself."""
CATEGORIES = {
    "production": ("production_breach", "违反停限产"),
    "transport": ("transport_breach", "违反运输管控"),
    "construction": ("construction_breach", "违规施工"),
    "other": ("measure_not_taken", "应急措施未落实"),
}


def graded(level: Level) -> Severity:
    """How grave a breach is under a level (domain: a breach under orange or red is critical)."""
    if level in ("orange", "red"):
        return Severity.CRITICAL
    return Severity.SERIOUS if level == "yellow" else Severity.GENERAL


def checked(course: Course, data: MeasureCheck, facts: Facts) -> tuple[Course, list[Finding]]:
    """What one check finds. Outside an episode nothing is to be taken, so nothing is breached."""
    at = data.observed_at
    category, name = CATEGORIES[data.measure]
    key = f"{data.place}:{data.measure}"
    place = facts.place(data.place)
    if data.taken:
        since = course.breaches.get(key)
        if since is None or at <= since:
            return course, []
        left = {one: when for one, when in course.breaches.items() if one != key}
        proof = Proof(since=at, until=at, readings=1)
        found = _finding(data, place, category, "措施已落实", Severity.GENERAL)
        cleared = found.model_copy(update={"kind": FindingKind.CLEAR, "proof": proof})
        return course.model_copy(update={"breaches": left}), [cleared]
    level, episode = level_at(course, at)
    if level == "none":
        return course, []
    breaches = {**course.breaches, key: max(at, course.breaches.get(key, at))}
    while len(breaches) > KEPT:
        del breaches[min(breaches, key=lambda one: (breaches[one], one))]
    course = course.model_copy(update={"breaches": breaches})
    breach = _finding(data, place, category, name, graded(level)).model_copy(
        update={"facts": {"level": level, "episode": episode, "measure": data.measure}}
    )
    breach = breach.model_copy(
        update={"description": f"{LEVEL_NAMES[level]}期间,{name}。{data.note}".strip()}
    )
    return course, [breach, *_gap(data, place, facts)]


def _gap(data: MeasureCheck, place: object, facts: Facts) -> list[Finding]:
    """Who must act and is not on the emergency reduction list: the plan wants all on it. A site
    has no place on it."""
    enterprises = facts.places("enterprises")
    if data.measure != "production" or any(
        one.id == data.place and one.emergency_list for one in enterprises
    ):
        return []
    return [_finding(data, place, "list_gap", "应急减排清单未列入", Severity.GENERAL)]


def _finding(
    data: MeasureCheck, place: object, category: str, what: str, severity: Severity
) -> Finding:
    name = getattr(place, "name", None) or data.place
    lon, lat = data.lon, data.lat
    if lon is None or lat is None:
        lon, lat = getattr(place, "lon", None), getattr(place, "lat", None)
    return Finding(
        rule=CODE,
        subject=data.place,
        category=category,
        severity=severity,
        source="patrol",
        title=f"{name} {what}",
        description=data.note or what,
        seen_at=data.observed_at,
        town=data.town or getattr(place, "town", None),
        lon=lon,
        lat=lat,
        site=name,
        clause=CLAUSE,
    )
