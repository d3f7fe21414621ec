"""Plays signals through a rule of the hotspot line, as its worker would."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from services.hotspot.signals import GridMonitor, StationHour
from shared.adapters.pack import load_pack
from shared.declaration.county.facts_for_rules import CountyFacts
from shared.declaration.county.places import Enterprise, Places, Site
from shared.declaration.rule import Facts, Rule
from shared.declaration.signal import FollowedData, Observed
from shared.domain.finding import Finding
from tests.lines.facts import PACK, county_facts

NINE = datetime.fromisoformat("2026-11-23T09:00:00+08:00")
PLACES: dict[str, tuple[float, float]] = {
    "A": (116.305, 35.070),
    "B": (116.365, 35.068),
    "C": (116.225, 35.150),
    "D": (116.320, 35.180),
    "E": (116.340, 34.955),
}
QUIET = {"pm25": 40.0, "pm10": 80.0, "no2": 30.0, "o3": 50.0, "so2": 8.0, "co": 0.6}


def hour(station: str, after: float, **values: Any) -> Observed:
    """A station's mean of the hour that ends `after` hours past nine."""
    said = {**_varied(station, after), **values}
    at = said.pop("at", NINE + timedelta(hours=after))
    lon, lat = PLACES.get(station, (None, None))
    data = StationHour(
        device_id=station, observed_at=at, lon=lon, lat=lat, avg_period="PT1H", **said
    )
    return Observed("hotspot", "station-hourly", data)


def _varied(station: str, after: float) -> dict[str, float]:
    """No two hours are alike: a station that repeats itself is another case."""
    shift = (ord(station[0]) % 7 + 3 * after % 5) / 10
    return {name: round(value + shift, 2) for name, value in QUIET.items()}


def minutes(station: str, at: datetime, **values: Any) -> Observed:
    """Five minutes of a micro-station that end at `at`."""
    lon, lat = PLACES.get(station, (None, None))
    data = GridMonitor(
        device_id=station, observed_at=at, lon=lon, lat=lat, avg_period="PT5M", **values
    )
    return Observed("hotspot", "grid-monitor", data)


def followed(name: str, device: str, at: datetime, **values: Any) -> Observed:
    """Another line's signal, as the hotspot line reads it."""
    line, signal = name.split(".")
    return Observed(line, signal, FollowedData(device_id=device, observed_at=at, **values))


def county(
    hours: Iterable[int], changed: Mapping[tuple[str, int], Mapping[str, Any]]
) -> list[Observed]:
    """All five stations in quiet air, with what is changed for (station, hour)."""
    return [hour(s, h, **changed.get((s, h), {})) for h in hours for s in PLACES]


def play(
    rule: Rule[Any], signals: Iterable[Observed], facts: Facts | None = None
) -> tuple[list[Finding], dict[str, Any]]:
    """What is found, in order, and what is remembered."""
    facts = facts or county_facts()
    memory: dict[str, Any] = {}
    found: list[Finding] = []
    for number, seen in enumerate(signals):
        key = rule.key(seen)
        if key is None or seen.name not in rule.reads:
            continue
        outcome = rule.step(memory.get(key, rule.state()), seen, facts)
        memory[key] = outcome.state
        if number % 20 == 0:  # a batch ends: it is written down and read again
            memory[key] = rule.state.model_validate_json(outcome.state.model_dump_json())
            assert memory[key] == outcome.state
        found.extend(outcome.findings)
    return found, memory


def facts_with(
    sites: tuple[Site, ...] = (), enterprises: tuple[Enterprise, ...] = ()
) -> CountyFacts:
    places = Places(sites=sites, enterprises=enterprises)
    return CountyFacts(load_pack(PACK).model_copy(update={"places": places}))
