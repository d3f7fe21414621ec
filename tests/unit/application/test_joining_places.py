"""Fires by place and time: whatever the order in which satellites and cameras tell of them."""

import random
from datetime import timedelta
from math import cos, pi, radians, sin, sqrt

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.application.joining.matching import Candidate, candidate, choose, key_of
from shared.domain.finding import Finding
from shared.domain.geo import Point
from shared.domain.problem import Problem
from shared.domain.problem_bodies import Observe
from shared.domain.problem_sightings import seen, together
from shared.domain.sightings import one_sighting
from tests.contract.samples import problem as a_problem
from tests.unit.application.joining import finding
from tests.unit.domain.world import NOW

EYES: dict[str, dict[str, float]] = {
    "viirs": {"metres": 500, "hours": 6, "accuracy": 190},
    "modis": {"metres": 1500, "hours": 12, "accuracy": 500},
    "himawari": {"metres": 3000, "hours": 3, "accuracy": 1000},
    "camera": {"metres": 300, "hours": 0.5, "accuracy": 60},
}
"""How near a sighting of each must be to be the same fire."""
REOPEN = timedelta(days=30)
A, B = Point(116.2, 34.9), Point(116.45, 35.15)
"""Two places 36 km apart."""


def sighting(dice: random.Random, fire: Point, minute: float) -> Finding:
    """Wrong by at most half of what the eye's reach allows."""
    eye, said = dice.choice(list(EYES.items()))
    away = said["metres"] / 2 * sqrt(dice.random()) / 111_195
    turn = dice.uniform(0, 2 * pi)
    return finding(
        eye,
        minute,
        town=None,
        lon=fire.lon + away * sin(turn) / cos(radians(fire.lat)),
        lat=fire.lat + away * cos(turn),
        reach={"metres": said["metres"], "hours": said["hours"]},
        accuracy=said["accuracy"] * dice.uniform(0.8, 1.2),
    )


def body(said: Finding) -> Observe:
    return Observe.model_validate(
        {
            "sightings": one_sighting(said.seen_at, None),
            "severity": said.severity,
            "location": {"lon": said.lon, "lat": said.lat},
            "accuracy": said.accuracy,
            "reach": said.reach,
        }
    )


def registered(said: Finding, number: int) -> Problem:
    made = a_problem(f"p{number}", category=said.category, found_at=said.seen_at)
    made = made.model_copy(update={"location": body(said).location, "accuracy": said.accuracy})
    return made.model_copy(
        update={"sightings": body(said).sightings, "reach": said.reach, "reported_at": NOW}
    )


def joined(said: list[Finding]) -> list[Problem]:
    """The problems that these findings make, one after the other."""
    problems: dict[str, Candidate] = {}
    for one in said:
        choice = choose(one, problems, REOPEN)
        if choice is None:
            problem = registered(one, len(problems))
        else:
            assert choice.how == "join"
            problem = choice.problem.model_copy(update=seen(choice.problem, body(one)))
        problems[problem.id] = candidate(problem, {})
    return [each.problem for each in problems.values()]


@settings(max_examples=200)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 25))
def test_one_fire_is_one_problem(seed: int, size: int) -> None:
    dice = random.Random(seed)
    said = [sighting(dice, A, dice.uniform(0, 29)) for _ in range(size)]
    (problem,) = joined(said)
    assert problem.sightings is not None and problem.sightings.count == size
    best = min(one.accuracy or 0 for one in said)
    assert problem.accuracy == best
    kept = next(one for one in said if one.accuracy == best)
    assert (problem.location.lon, problem.location.lat) == (kept.lon, kept.lat)
    assert problem.reach == kept.reach


@settings(max_examples=100)
@given(seed=st.integers(0, 2**32), size=st.integers(2, 25))
def test_two_fires_are_two(seed: int, size: int) -> None:
    dice = random.Random(seed)
    fires = [A, B, *(dice.choice([A, B]) for _ in range(size - 2))]
    said = [sighting(dice, fire, dice.uniform(0, 29)) for fire in fires]
    order = dice.sample(range(size), size)
    problems = joined([said[n] for n in order])
    counts = sorted(p.sightings.count for p in problems if p.sightings)
    assert counts == sorted([fires.count(A), fires.count(B)])


@settings(max_examples=100)
@given(seed=st.integers(0, 2**32), size=st.integers(2, 30))
def test_a_fire_that_goes_on_is_the_same_fire(seed: int, size: int) -> None:
    """Day after day, as long as no gap is longer than the shortest patience."""
    dice = random.Random(seed)
    minutes = [0.0]
    for _ in range(size - 1):
        minutes.append(minutes[-1] + dice.uniform(0, 29))
    (problem,) = joined([sighting(dice, A, minute) for minute in minutes])
    assert problem.sightings is not None
    assert problem.sightings.last_at - problem.sightings.first_at <= timedelta(minutes=29 * size)


def test_the_nearest_of_two() -> None:
    said = sighting(random.Random(1), A, 0).model_copy(
        update={"reach": finding(reach={"metres": 3000, "hours": 6}).reach}
    )
    there = {}
    for number, east in enumerate((0.02, -0.01)):
        moved = said.model_copy(update={"lon": (said.lon or 0) + east})
        there[f"p{number}"] = candidate(registered(moved, number), {})
    choice = choose(said, there, REOPEN)
    assert choice is not None and choice.problem.id == "p1"


@given(each=st.lists(st.integers(0, 2**32), min_size=2, max_size=8))
def test_batches_say_the_same_as_single_ones(each: list[int]) -> None:
    """What is collected for a minute changes a problem as its parts would have."""
    said = [sighting(random.Random(seed), A, seed % 29) for seed in each]
    first = registered(said[0], 0)
    one_by_one = first
    for one in said[1:]:
        one_by_one = one_by_one.model_copy(update=seen(one_by_one, body(one)))
    whole = body(said[1])
    for one in said[2:]:
        whole = together(whole, body(one))
    at_once = first.model_copy(update=seen(first, whole))
    assert at_once == one_by_one


def test_without_a_position_the_key_decides() -> None:
    said = finding(reach={"metres": 500, "hours": 6})
    assert key_of(said) == "bare_soil:m1"
    assert key_of(said.model_copy(update={"lon": 116.3, "lat": 35.0})) == "bare_soil"
