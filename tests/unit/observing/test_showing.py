"""What the lines show of their rules' memories: stations' newest hours, the warning in force."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from services.episode.line import LINE as EPISODE
from services.episode.showing import level_in_force
from services.hotspot.area import rule
from services.hotspot.line import LINE as HOTSPOT
from services.hotspot.numbers import CODE
from services.hotspot.showing import newest_hours
from shared.adapters.memory.memories import Kept, MemoryMemories
from shared.adapters.memory.store import Store
from shared.application.signals.engine import memory_id
from shared.application.signals.ports import Memory
from shared.declaration.line import Line
from shared.declaration.rule import COUNTY_KEY
from shared.declaration.showing import STATIONS_MOST, AirHour, Showing
from shared.runtime.line.showing import ShowingLook
from tests.lines.episode import playing as episodes
from tests.lines.facts import county_facts
from tests.lines.hotspot.playing import NINE, county, hour, minutes, play
from tests.unit.http.world import county as pack

HOUR = timedelta(hours=1)


def remembered(*signals: Any) -> Any:
    return play(rule(), signals)[1][COUNTY_KEY]


def shown(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def look_of(line: Line, rule_code: str, state: Any | None) -> ShowingLook:
    id_ = memory_id(rule_code, COUNTY_KEY)
    memories = {id_: Memory(id_, 1, state.model_dump_json())} if state is not None else {}
    kept = MemoryMemories(Store(), Kept(memories=memories))
    return ShowingLook(line, kept, county_facts(), pack().standards)


def test_the_newest_hour_of_each_station() -> None:
    air = remembered(hour("A", 0), hour("B", 0), hour("A", 1, pm25=75.0))
    found = {one.station: one for one in newest_hours(air, county_facts())}
    assert set(found) == {"A", "B"}
    assert found["A"].ended_at == NINE + HOUR and found["A"].means["pm25"] == 75.0
    assert found["B"].ended_at == NINE


def test_an_hour_that_has_just_begun_is_not_shown_yet() -> None:
    whole = [minutes("A", NINE + timedelta(minutes=5 * n), pm25=40.0 + n) for n in range(1, 13)]
    begun = minutes("A", NINE + HOUR + timedelta(minutes=5), pm25=900.0)
    (found,) = newest_hours(remembered(*whole, begun), county_facts())
    assert found.ended_at == NINE + HOUR and found.means == {"pm25": pytest.approx(46.5)}


async def test_stations_are_shown_with_values_index_and_hour() -> None:
    values = {"pm25": 75.0, "pm10": 90.0, "so2": 8.0, "no2": 30.0, "co": 0.6, "o3": 50.0}
    air = remembered(*county(range(2), {("A", 1): values}))
    await look_of(HOTSPOT, CODE, air)()
    assert shown("tenlines_station_value", station="A", pollutant="pm25") == 75.0
    # HJ 633-2026: 100 + 50 * (75 - 60) / 55, rounded up; the standard's own check value.
    assert shown("tenlines_station_aqi", station="A") == 114
    assert shown("tenlines_station_hour_seconds", station="A") == (NINE + HOUR).timestamp()
    assert shown("tenlines_station_value", station="E", pollutant="co") is not None


async def test_what_an_edition_does_not_publish_is_not_shown() -> None:
    """A pollutant is missing and the index is low: NA. And before March 2026 an hour's PM needs
    the mean of a day, which one hour does not give."""
    await look_of(HOTSPOT, CODE, remembered(hour("A", 0, co=None)))()
    assert shown("tenlines_station_aqi", station="A") is None
    assert shown("tenlines_station_value", station="A", pollutant="no2") is not None
    past = hour("A", 0, at=datetime.fromisoformat("2025-11-23T09:00:00+08:00"), pm25=400.0)
    await look_of(HOTSPOT, CODE, remembered(past))()
    assert shown("tenlines_station_aqi", station="A") is None
    assert shown("tenlines_station_value", station="A", pollutant="pm25") == 400.0


async def test_the_number_of_stations_is_bounded() -> None:
    many = Showing[Any](
        CODE,
        lambda *_: (AirHour(f"S{n:04}", NINE, {"pm25": 1.0}) for n in range(STATIONS_MOST + 50)),
    )
    line = Line(
        key="hotspot", categories=HOTSPOT.categories, signals=HOTSPOT.signals,
        rules=HOTSPOT.rules, showings=(many,),
    )  # fmt: skip
    await look_of(line, CODE, None)()
    assert shown("tenlines_station_hour_seconds", station="S0499") == NINE.timestamp()
    assert shown("tenlines_station_hour_seconds", station="S0500") is None


async def test_the_warning_in_force() -> None:
    code = EPISODE.showings[0].rule
    await look_of(EPISODE, code, None)()
    assert shown("tenlines_episode_level") == 0
    course = episodes.play(
        [episodes.alert("2026-11-20 12:00", "orange", "2026-11-20 12:00")]
    ).course
    (said,) = level_in_force(course, county_facts())
    await look_of(EPISODE, code, course)()
    assert said.level == shown("tenlines_episode_level") == 2


def test_a_line_shows_only_what_its_rules_remember_of_the_county() -> None:
    stray = Showing[Any]("hotspot.no-such-rule", lambda *_: ())
    with pytest.raises(ValueError, match=r"hotspot\.no-such-rule: no rule over the county"):
        Line(
            key="hotspot", categories=HOTSPOT.categories, signals=HOTSPOT.signals,
            rules=HOTSPOT.rules, showings=(stray,),
        )  # fmt: skip
    silent = Showing[Any]("hotspot.station-silent", lambda *_: ())
    with pytest.raises(ValueError, match="no rule over the county"):
        Line(
            key="hotspot", categories=HOTSPOT.categories, signals=HOTSPOT.signals,
            rules=HOTSPOT.rules, showings=(silent,),
        )  # fmt: skip
