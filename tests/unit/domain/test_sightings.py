"""Sightings: order does not matter, nothing grows, the first and the peak are never lost."""

import random
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.reading import Reading
from shared.domain.sightings import POINTS_KEPT, Sightings, one_sighting
from tests.unit.domain.world import NOW


def pm10(value: float, limit: float | None = 150.0) -> Reading:
    return Reading(quantity="pm10", value=value, unit="ug/m3", limit=limit)


def seen(minute: float, value: float | None = None) -> Sightings:
    at = NOW + timedelta(minutes=minute)
    return one_sighting(at, None if value is None else pm10(value))


def joined(each: list[Sightings]) -> Sightings:
    whole = each[0]
    for one in each[1:]:
        whole = whole.with_more(one)
    return whole


some = st.lists(
    st.builds(seen, st.integers(0, 600), st.none() | st.integers(1, 500)), min_size=1, max_size=40
)


@given(each=some, seed=st.integers(0, 9), data=st.data())
def test_however_they_come(each: list[Sightings], seed: int, data: Any) -> None:
    whole = joined(each)
    shuffled = random.Random(seed).sample(each, len(each))
    cut = data.draw(st.integers(0, len(each)))
    parts = [joined(part) for part in (shuffled[:cut], shuffled[cut:]) if part]
    assert joined(shuffled) == joined(parts) == whole
    assert whole.count == len(each)
    assert (whole.first_at, whole.last_at) == (
        min(s.first_at for s in each),
        max(s.last_at for s in each),
    )
    values = [s.peak.value for s in each if s.peak]
    worst = max(values, key=lambda v: (abs(v - 150), v), default=None)
    assert (whole.peak.value if whole.peak else None) == worst


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 400), step=st.sampled_from([5, 60, 180]))
def test_however_long_it_lasts(seed: int, count: int, step: int) -> None:
    dice = random.Random(seed)
    values = [dice.choice([200.0, dice.uniform(151, 900)]) for _ in range(count)]
    whole = joined([seen(step * n, value) for n, value in enumerate(values)])
    assert len(whole.readings) <= POINTS_KEPT and whole.count == len(values)
    times = [point.at for point in whole.readings]
    assert times == sorted(set(times))
    assert times[0] == whole.first_at and times[-1] == whole.last_at
    assert whole.peak is not None and whole.peak.value == max(values)
    assert any(p.at == whole.peak_at and p.reading == whole.peak for p in whole.readings)


def test_older_hours_thin_out_and_recent_ones_stay() -> None:
    whole = joined([seen(60 * n, 200 + n % 7) for n in range(500)])
    gaps = [
        (b.at - a.at) / timedelta(hours=1)
        for a, b in zip(whole.readings, whole.readings[1:], strict=False)
    ]
    assert all(gap <= 1 for gap in gaps[-30:]), "the last day and a half, hour by hour"
    assert max(gaps) > 3
    assert max(gaps) < 60, "and no week without any"


def test_one_reading_an_hour_the_worst() -> None:
    whole = joined([seen(minute, 160 + minute % 60) for minute in range(0, 240, 5)])
    kept = [p.reading.value for p in whole.readings]
    assert kept == [160, 215, 215, 215, 215]


def test_below_a_limit_that_must_be_reached() -> None:
    covered = [pm10(value, limit=100) for value in (90, 40, 70)]
    whole = joined([one_sighting(NOW, reading) for reading in covered])
    assert whole.peak == covered[1]
