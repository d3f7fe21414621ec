"""However the stations' and the sites' signals are interleaved, the same hours are found."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.dust import over_county
from services.dust.over_county import OverCounty
from services.dust.signals import SiteMonitor
from shared.declaration.signal import FollowedData, Observed
from shared.domain.finding import Finding
from tests.lines.cases import T0, run
from tests.lines.facts import county_facts
from tests.lines.playing import Beside

RULE = over_county.rule()
FACTS = Beside(county_facts())
LEVELS = st.sampled_from([20.0, 100.0, 179.9, 180.0, 180.1, 400.0, None])
HOURS = 6


def at(hours: float) -> datetime:
    return T0 + timedelta(hours=hours)


def station(hours: float, pm10: float | None, device: str = "S-1") -> Observed:
    data = FollowedData.model_validate(
        {"device_id": device, "observed_at": at(hours), "avg_period": "PT1H", "pm10": pm10}
    )
    return Observed("hotspot", "station-hourly", data)


def monitor(hours: float, pm10: float | None, device: str, period: str = "PT1H") -> Observed:
    data = SiteMonitor(device_id=device, observed_at=at(hours), avg_period=period, pm10=pm10)
    return Observed("dust", "site-monitor", data)


@st.composite
def interleaved(draw: Any) -> tuple[list[Observed], list[Observed]]:
    """The same signals in two orders; each sender's own order stays, as in its partition."""
    lanes: list[list[Observed]] = [
        [station(h, draw(LEVELS)) for h in range(1, HOURS + 2)],
        [monitor(h, draw(LEVELS), "A") for h in range(1, HOURS + 1)],
        [
            monitor(h + n / 12, draw(LEVELS), "B", "PT5M")
            for h in range(HOURS - 2)
            for n in range(1, 13)
        ],
    ]
    lanes = [[one for one in lane for _ in range(draw(st.integers(1, 2)))] for lane in lanes]

    def merge() -> list[Observed]:
        order = draw(st.permutations([n for n, lane in enumerate(lanes) for _ in lane]))
        heads = [iter(lane) for lane in lanes]
        return [next(heads[n]) for n in order]

    return merge(), merge()


def hours(found: list[Finding]) -> list[tuple[str, str, datetime, float, str]]:
    return sorted(
        (one.subject, one.kind.value, one.seen_at, one.reading.value, one.severity.value)
        for one in found
        if one.reading is not None
    )


@settings(max_examples=60, deadline=None)
@given(interleaved())
def test_interleaving_changes_nothing(orders: tuple[list[Observed], list[Observed]]) -> None:
    first, second = (list(run(RULE, order, FACTS)) for order in orders)
    assert hours(first) == hours(second)


@settings(max_examples=40, deadline=None)
@given(
    st.permutations([("S-1", 60.0), ("S-2", 100.3), ("S-3", 140.1)]),
    st.permutations([200.1 + n / 7 for n in range(12)]),
)
def test_stations_and_minutes_in_any_order(
    stations: list[tuple[str, float]], minutes: list[float]
) -> None:
    said = [station(1, value, name) for name, value in stations]
    slots = [monitor(n / 12, value, "B", "PT5M") for n, value in enumerate(minutes, 1)]
    signals = [*said[:2], *slots[:5], said[2], *slots[5:], station(2, 50.0)]
    (found,) = run(RULE, signals, FACTS)
    assert found.reading is not None
    assert found.reading.value == round(sum(200.1 + n / 7 for n in range(12)) / 12 - 100.133, 3)


def test_what_is_remembered_stays_bounded() -> None:
    state = OverCounty()
    for hour in range(1, 120):
        for name in ("A", "B"):
            state = RULE.step(state, monitor(hour, 300.0, name), FACTS).state
        if hour % 3:
            state = RULE.step(state, station(hour, 50.0), FACTS).state
    for site in state.sites.values():
        assert len(site.waiting) + len(site.done) + len(site.hits) <= 3 * 48
    assert len(state.county.means) <= 48 and len(state.county.waiting) <= 48
    many = Beside(county_facts(), numbers={"sites": 5.0})
    for n in range(20):
        state = RULE.step(state, monitor(120 + n, 60.0, f"M-{n}"), many).state
    assert set(state.sites) == {f"M-{n}" for n in range(15, 20)}


def test_a_signal_is_cheap_among_500_sites() -> None:
    """The state is of all sites: a step must not grow with what it does not touch."""
    state = OverCounty()
    for n in range(500):
        state = RULE.step(state, monitor(1, 60.0, f"M-{n}"), FACTS).state
    before = state.sites["M-10"]
    state = RULE.step(state, monitor(2, 60.0, "M-400"), FACTS).state
    assert state.sites["M-10"] is before
