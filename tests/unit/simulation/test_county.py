"""The simulated county: valid, in order, the same for the same seed, and found by its own county's lines."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from deploy.lines import all_lines
from deploy.simulation.county import SimulatedCounty
from shared.adapters.pack import load_pack
from shared.domain.moments import SHANGHAI
from tests.bench.detection import START, arrival, score
from tests.lines.facts import PACK

DAYS = 3


@pytest.fixture(scope="module")
def county() -> SimulatedCounty:
    return SimulatedCounty(7, START, DAYS)


def test_every_signal_is_one_that_its_line_takes(county: SimulatedCounty) -> None:
    lines = {line.key: line for line in all_lines()}
    spoke: Counter[str] = Counter()
    for event in county.events():
        arrived = arrival(event, lines)
        assert arrived.observed.data.observed_at <= event.at, "nothing arrives before it was seen"
        spoke[event.line] += 1
    assert set(lines) - set(spoke) == {"coordination"}, "every line says something"


def test_arrivals_are_in_order_and_some_readings_are_late(county: SimulatedCounty) -> None:
    events = list(county.events())
    assert [event.at for event in events] == sorted(event.at for event in events)
    late = [e for e in events if e.at - e.data["observed_at"] > timedelta(hours=1)]
    assert late
    ids = Counter((event.device, event.id) for event in events)
    assert any(count > 1 for count in ids.values()), "some are sent twice"
    once = [(e.device, e.id, e.data) for e in events]
    for device, id_, data in once:
        if ids[device, id_] > 1:
            assert all(d == data for dev, i, d in once if (dev, i) == (device, id_))


def test_the_same_seed_gives_the_same_county_and_another_one_another() -> None:
    one, again = SimulatedCounty(3, START, 2), SimulatedCounty(3, START, 2)
    assert list(one.events()) == list(again.events())
    assert one.truth == again.truth
    other = SimulatedCounty(4, START, 2)
    assert list(one.events()) != list(other.events())


def test_days_begin_at_midnight_in_the_county() -> None:
    county = SimulatedCounty(1, datetime(2026, 6, 1, 20, 0, tzinfo=UTC), 1)
    assert county.span.start.astimezone(SHANGHAI).hour == 0
    assert all(
        county.span.start < e.data["observed_at"] <= county.span.end for e in county.events()
    )


def test_planted_places_lie_in_the_county(county: SimulatedCounty) -> None:
    pack = load_pack(PACK)
    for incident in county.truth:
        assert county.span.start <= incident.begin <= incident.end <= county.span.end
        if incident.lon is not None and incident.lat is not None:
            assert pack.contains(incident.lon, incident.lat), incident.id


async def test_what_is_planted_is_found_and_little_else() -> None:
    """The whole measurement is `python -m tests.bench.detection`."""
    found = await score(1, DAYS)
    assert len(found.planted) >= 15
    assert found.recall >= 0.95, found.missed
    assert found.precision >= 0.9, [problem.title for _, problem in found.false]
    assert found.per_incident <= 1.1
