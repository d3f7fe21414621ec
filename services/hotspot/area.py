"""High-value areas: every hour all stations are held against their county.

Defined effects, each tested:
- an hour is judged when all stations heard in the hours before have said all of it, or when a
  reading of `grace_minutes` later has come; hours are judged in their order, so that the order in
  which the stations of an hour arrive changes nothing;
- a reading of an hour already judged raises nothing by itself, but the following hours see it;
  one older than the window is passed over;
- the first reading of a time at a station counts, repeats change nothing;
- a missing or flagged value neither raises nor clears, and breaks a run of hours;
- it is over when a station was calm for `clear_hours`, without a hole larger than a third of them.
"""

from datetime import timedelta
from statistics import median
from typing import Any

from services.hotspot import telling
from services.hotspot.cell import Cell, Wind, first_cell, hour_end, hour_of
from services.hotspot.hints import AirHour, Hint, HintNumbers, hints
from services.hotspot.judging import Hours, Stand, known_stations
from services.hotspot.memory import Air, Calm, Open, Station
from services.hotspot.numbers import CODE, Numbers
from services.hotspot.referring import refer
from services.hotspot.sources import FOLLOWED, FOLLOWED_PROBLEMS, candidates, fresh, noted
from shared.declaration.rule import Facts, Outcome, Rule, by_county
from shared.declaration.signal import Observed
from shared.domain.finding import Finding
from shared.domain.geo import Point

OWN = frozenset({"hotspot.station-hourly", "hotspot.grid-monitor"})
HIGH, RISE = "high_value", "sudden_rise"


def rule() -> Rule[Air]:
    return Rule(
        code=CODE,
        zh="高值区",
        en="High-value area",
        reads=OWN | frozenset(FOLLOWED) | FOLLOWED_PROBLEMS,
        state=Air,
        key=by_county,
        step=_step,
        categories=frozenset({HIGH, RISE}),
        proves=True,
    )


def _step(state: Air, seen: Observed, facts: Facts) -> Outcome[Air]:
    data: Any = seen.data
    if facts.blacked_out(seen.line, seen.signal, data.device_id, data.observed_at):
        return Outcome(state)
    if seen.name not in OWN:
        sources = noted(state.sources, seen, state.pm10, facts)
        changed = sources is not state.sources
        return Outcome(state.model_copy(update={"sources": sources}) if changed else state)
    hour = hour_of(data)
    if state.judged is not None and hour <= state.judged - facts.number(CODE, "window_hours"):
        return Outcome(state)
    cells = state.hours.get(hour, {})
    held = cells.get(data.device_id) or first_cell(data)
    cell = held.with_reading(data)
    if cell is held:
        return Outcome(state)
    state = state.model_copy(
        update={
            "hours": {**state.hours, hour: {**cells, data.device_id: cell}},
            "stations": {**state.stations, data.device_id: _station(state, data, facts)},
            "newest": max(state.newest or data.observed_at, data.observed_at),
        }
    )
    found: list[Finding] = []
    while (due := _next_due(state, facts)) is not None:
        state, more = _judge(state, due, facts)
        found.extend(more)
    return Outcome(state, tuple(found))


def _station(state: Air, data: Any, facts: Facts) -> Station:
    """Where the station stands: as it says, else as the pack knows, else as it said before."""
    place = facts.place(data.device_id)
    held = state.stations.get(data.device_id)
    by_pack = place if data.lon is None or data.lat is None else None
    where = data if data.lon is not None and data.lat is not None else by_pack or held
    return Station(
        name=place.name if place else data.device_id,
        lon=where.lon if where else None,
        lat=where.lat if where else None,
        town=data.town or (place.town if place else None) or (held.town if held else None),
    )


def _next_due(state: Air, facts: Facts) -> int | None:
    """The earliest hour that can be judged now."""
    waiting = [hour for hour in state.hours if state.judged is None or hour > state.judged]
    if not waiting or state.newest is None:
        return None
    hour = min(waiting)
    grace = timedelta(minutes=facts.number(CODE, "grace_minutes"))
    if state.newest >= hour_end(hour) + grace:
        return hour
    known = known_stations(state.hours, hour, round(facts.number(CODE, "known_hours")))
    cells = state.hours[hour]
    whole = known and all(station in cells and cells[station].whole for station in known)
    return hour if whole else None


def _judge(state: Air, hour: int, facts: Facts) -> tuple[Air, list[Finding]]:
    at = hour_end(hour)
    numbers = Numbers.at(at, facts)
    hours = Hours(state.hours, numbers)
    opened, referred = dict(state.open), dict(state.referred)
    sources = fresh(state.sources, at, facts)
    found: list[Finding] = []
    for station in sorted(state.hours[hour]):
        failed = hours.failed(hour, station)
        stands = hours.stands_of(hour, station)
        where = state.stations[station]
        held = opened.get(station)
        # The first test that speaks names the problem; what follows is the same problem.
        if failed or (held is not None and any(map(_stands_out, stands))):
            known = Known.of(state, hours, hour, station, facts)
            near = (
                candidates(Point(where.lon, where.lat), known.wind, sources, facts, at)
                if where.lon is not None and where.lat is not None
                else ()
            )
            high = any(one.test != "rise" for one in failed)
            category = held.finding.category if held else HIGH if high else RISE
            said = telling.raised(category, station, where, at, failed, stands, known.hints, near)
            opened[station] = Open(finding=said)
            found.append(said)
            if high:
                children, referred = refer(said, known.hints, near, referred, facts)
                found.extend(children)
        elif held is not None and stands:
            opened[station], done = _calmer(held, hour, stands, numbers)
            if done:
                del opened[station]
                found.append(done)
    keep = hour - round(facts.number(CODE, "window_hours"))
    kept = {one: cells for one, cells in state.hours.items() if one > keep}
    alive = {station for cells in kept.values() for station in cells}
    alive |= opened.keys()
    coarse = [m["pm10"] for m in hours.means(hour).values() if "pm10" in m]
    return state.model_copy(
        update={
            "hours": kept,
            "stations": {one: there for one, there in state.stations.items() if one in alive},
            "judged": hour,
            "open": opened,
            "referred": referred,
            "sources": sources,
            "pm10": median(coarse) if coarse else None,
        }
    ), found


def _calmer(
    held: Open, hour: int, stands: list[Stand], numbers: Numbers
) -> tuple[Open, Finding | None]:
    """One more hour in which an open one does not stand out; with the finding that it is over."""
    worst = max(
        (s for s in stands if s.pollutant == held.pollutant), key=lambda s: s.value, default=None
    )
    if worst is None:  # what was high is not measured: nothing is shown
        return held, None
    calm = held.calm
    if calm is None or (hour - calm.last) * 3 > numbers.clear_hours:
        calm = Calm(since=hour, last=hour, hours=1, highest=worst.value)
    else:
        calm = Calm(
            since=calm.since,
            last=hour,
            hours=calm.hours + 1,
            highest=max(calm.highest, worst.value),
        )
    held = held.model_copy(update={"calm": calm})
    # Each value stands for the hour before it: so many hours need so many values.
    over = hour - calm.since + 1 >= numbers.clear_hours
    return held, telling.over(held.finding, calm, worst) if over else None


def _stands_out(stand: Stand) -> bool:
    return stand.above or stand.top


class Known:
    """What the station's own hours say about wind and kind of source."""

    def __init__(self, wind: Wind | None, found: tuple[Hint, ...]) -> None:
        self.wind = wind
        self.hints = found

    @classmethod
    def of(cls, state: Air, hours: Hours, hour: int, station: str, facts: Facts) -> "Known":
        before = round(facts.number(CODE, "co_rise_hours"))
        window = [
            AirHour(hour_end(one), hours.means(one)[station])
            for one in range(hour - before, hour + 1)
            if station in hours.means(one)
        ]
        cells = state.hours[hour]
        wind = cells[station].mean_wind or _county_wind(cells)
        return cls(wind, hints(window, HintNumbers.at(hour_end(hour), facts)))


def _county_wind(cells: dict[str, Cell]) -> Wind | None:
    """For a station without a vane: the mean of those that have one."""
    parts = [cell.wind for cell in cells.values() if cell.wind[2]]
    east, north, count = (
        (sum(values) for values in zip(*parts, strict=True)) if parts else (0, 0, 0)
    )
    return Cell(minutes=60, wind=(east, north, count)).mean_wind
