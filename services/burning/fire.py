"""Fires seen from above and from towers: sure ones at once, unsure ones when seen again.

Defined effects, each tested:
- a sure sighting (VIIRS and Himawari nominal or high, MODIS from the pack's percentage, a camera
  from the pack's score) raises; so does every further one, and joining makes them one problem;
- an unsure one is remembered, and raises together with the one that confirms it: another satellite
  or a camera within reach, or as many frames of the same camera as the pack asks for;
- a copy (same source, time and place) changes nothing, unless it is sure where the first was not;
- outside the county, and at a known heat source, it is only counted;
- a late one raises and confirms as any other while it is not older than `remember_hours` before the
  newest; older ones raise only when they are sure, and are not remembered;
- no reading proves that a fire is out: that is seen on the spot.
"""

from datetime import datetime, timedelta
from typing import Any

from services.burning.describing import CATEGORY, camera_finding, confirmed, satellite_finding
from services.burning.sighting import Sighting
from services.burning.signals import SatelliteFire, ThermalFrame
from shared.declaration.rule import Facts, Outcome, Rule, State, by_county
from shared.declaration.signal import Observed
from shared.domain.finding import Finding, Reach

CODE = "burning.fire"
REMEMBERED = 300
"""The most sightings that are kept in mind, the newest: the state is written with every batch."""


class Fires(State):
    """The county's sightings of the last hours, and how many points were none of its fires."""

    seen: tuple[Sighting, ...] = ()
    outside: int = 0
    known_heat: int = 0


def rule() -> Rule[Fires]:
    return Rule(
        code=CODE,
        zh="火点",
        en="Active fire",
        reads=frozenset({"burning.satellite", "burning.thermal-camera"}),
        state=Fires,
        key=by_county,
        step=_step,
        categories=frozenset({CATEGORY}),
    )


def _step(state: Fires, seen: Observed, facts: Facts) -> Outcome[Fires]:
    data = seen.data
    if not data.good or facts.blacked_out(seen.line, seen.signal, data.device_id, data.observed_at):
        return Outcome(state)
    if data.lon is not None and data.lat is not None:
        if not facts.contains(data.lon, data.lat):
            return Outcome(state.model_copy(update={"outside": state.outside + 1}))
        if facts.known_heat_source(data.lon, data.lat) is not None:
            return Outcome(state.model_copy(update={"known_heat": state.known_heat + 1}))
    judged = _judge(data, facts)
    if judged is None:
        return Outcome(state)
    new, finding = judged
    within = facts.number(CODE, "copy_metres")
    first = next((old for old in state.seen if new.copy_of(old, within)), None)
    if first is not None and (not first.weak or new.weak):
        return Outcome(state)
    others = tuple(old for old in state.seen if old is not first)
    return _weigh(state, new, finding, others, facts)


def _weigh(
    state: Fires, new: Sighting, finding: Finding, others: tuple[Sighting, ...], facts: Facts
) -> Outcome[Fires]:
    """`new` beside what was seen before: who confirms whom."""
    degrees = facts.number(CODE, "frame_degrees")
    witnesses = [old for old in others if old.source != new.source and new.near(old)]
    frames = [old for old in others if new.camera and new.same_frame_place(old, degrees)]
    needed = facts.limit("burning.thermal-camera.frames", new.at)
    if not frames or needed is None or not needed.meets(len(frames) + 1, "1"):
        frames = []
    found: list[Finding] = []
    if not new.weak:
        found.append(finding)
    elif witnesses or frames:
        found.append(confirmed(finding, (witnesses or frames)[0].source))
        new = new.model_copy(update={"pending": None})
    told = {id(old) for old in (*witnesses, *frames) if old.weak}
    found += [
        confirmed(old.pending, new.source) for old in others if id(old) in told and old.pending
    ]
    kept = [old.model_copy(update={"pending": None}) if id(old) in told else old for old in others]
    found.sort(key=lambda one: one.seen_at)
    remembered = _remember([*kept, new], facts)
    return Outcome(state.model_copy(update={"seen": remembered}), tuple(found))


def _remember(seen: list[Sighting], facts: Facts) -> tuple[Sighting, ...]:
    """In the order of time, so that the same is remembered in whatever order they came."""
    horizon = max(one.at for one in seen) - timedelta(hours=facts.number(CODE, "remember_hours"))
    fresh = sorted((one for one in seen if one.at >= horizon), key=lambda one: one.at)
    return tuple(fresh[-REMEMBERED:])


def _judge(data: Any, facts: Facts) -> tuple[Sighting, Finding] | None:
    """The sighting, weak or not, and what it would say; None where the pack has no rule for it."""
    if isinstance(data, ThermalFrame):
        return _frame(data, facts)
    assert isinstance(data, SatelliteFire)
    return _pixel(data, facts)


def _pixel(data: SatelliteFire, facts: Facts) -> tuple[Sighting, Finding] | None:
    sensor = data.sensor.lower()
    named = f"burning.satellite.{sensor}"
    reach = _reach(f"{named}-distance", f"{named}-time", facts, data.observed_at)
    if reach is None:
        return None
    if data.sensor == "MODIS" and data.percent is not None:
        limit = facts.limit("burning.satellite.modis-confidence", data.observed_at)
        if limit is None:
            return None
        sure = limit.meets(data.percent, "%")
    else:
        sure = data.confidence_level != "low"
    sizes = [size * 1000 for size in (data.scan_km, data.track_km) if size]
    accuracy = max(sizes, default=facts.number(CODE, f"{sensor}_pixel_metres"))
    finding = satellite_finding(CODE, data, reach, accuracy)
    return _sighting(data, reach, finding, sure), finding


def _frame(data: ThermalFrame, facts: Facts) -> tuple[Sighting, Finding] | None:
    named = "burning.thermal-camera"
    reach = _reach(f"{named}.distance", f"{named}.time", facts, data.observed_at)
    limit = facts.limit(f"{named}.score", data.observed_at)
    if reach is None or limit is None or data.score < facts.number(CODE, "frame_score_floor"):
        return None
    finding = camera_finding(CODE, data, reach, facts.number(CODE, "camera_accuracy_metres"))
    return _sighting(data, reach, finding, limit.meets(data.score, "1")), finding


def _sighting(data: Any, reach: Reach, finding: Finding, sure: bool) -> Sighting:
    return Sighting(
        source=data.device_id,
        at=data.observed_at,
        lon=finding.lon,
        lat=finding.lat,
        metres=reach.metres,
        hours=reach.hours,
        camera=isinstance(data, ThermalFrame),
        az=getattr(data, "az", None),
        pending=None if sure else finding,
    )


_HOURS = {"s": 1 / 3600, "min": 1 / 60, "h": 1.0, "d": 24.0}
_METRES = {"m": 1.0, "km": 1000.0}


def _reach(distance: str, time: str, facts: Facts, at: datetime) -> Reach | None:
    """How far and how long the pack lets one fire be; None on a day without such a rule."""
    far, long = facts.limit(distance, at), facts.limit(time, at)
    if far is None or long is None:
        return None
    return Reach(metres=far.value * _METRES[far.unit], hours=long.value * _HOURS[long.unit])
