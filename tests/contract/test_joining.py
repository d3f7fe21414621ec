"""What joining asks of the ledgers and keeps for itself: the same over the memory and the engine."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.adapters.memory.joining import MemoryDuties, MemorySightings, MemoryTargets
from shared.adapters.memory.store import Store
from shared.adapters.mongo.client import Database
from shared.adapters.mongo.joining import MongoDuties, MongoTargets
from shared.adapters.mongo.joining_sightings import MongoSightings
from shared.application.joining.collected import Collected, no_sightings
from shared.application.joining.ports import Duties, Sightings, Targets
from shared.domain.entry import Place
from shared.domain.finding import Reach
from shared.domain.geo import Point, distance_m
from shared.domain.moments import Moment
from shared.domain.problem import Origin, Problem, Status
from shared.domain.problem_bodies import Observe
from shared.domain.responsibility import Part, Responsibility, Term
from shared.domain.sightings import one_sighting
from tests.contract.conftest import memory_world, mongo_world
from tests.contract.samples import CLERK, START, applied, problem
from tests.contract.world import World

DAY = date(2026, 11, 23)
HERE = Point(116.3, 35.0)


@dataclass
class Ground:
    world: World
    targets: Targets
    sightings: Sightings
    duties: Duties

    async def has(self, entry_id: str, **fields: Any) -> Problem:
        entry = problem(entry_id, **fields)
        assert await self.world.ledger.create(entry, applied(entry))
        return entry


@pytest.fixture
def in_memory() -> Ground:
    store = Store()
    sightings = MemorySightings(store, {})
    return Ground(memory_world(store), MemoryTargets(store), sightings, MemoryDuties(store))


@pytest.fixture
def on_engine(database: Database) -> Ground:
    world = mongo_world(database)
    sightings = MongoSightings(database, world.clock)
    return Ground(world, MongoTargets(database), sightings, MongoDuties(database))


@pytest.fixture(params=["in_memory", "on_engine"])
def ground(request: pytest.FixtureRequest) -> Ground:
    made: Ground = request.getfixturevalue(request.param)
    return made


def origin(subject: str = "m1", key: str = "") -> Origin:
    key = key or f"bare-soil:{subject}"
    return Origin(rule="dust.pm10-over", subject=subject, key=key, finding="f")


def ids(found: Any) -> set[str]:
    return {each.id for each in found}


def at(days: float) -> Moment:
    return START + timedelta(days=days)


async def test_by_key(ground: Ground) -> None:
    await ground.has("open", origin=origin(), status=Status.SUSPENDED)
    await ground.has("other", origin=origin("m2"))
    await ground.has("by-a-person")
    for status in (Status.CLOSED, Status.MERGED, Status.MOVED, Status.REJECTED):
        await ground.has(f"{status}-new", origin=origin(), status=status, updated_at=at(9))
        await ground.has(f"{status}-old", origin=origin(), status=status, updated_at=at(7))
    found = await ground.targets.of_key("bare-soil:m1", at(8))
    assert ids(found) == {"open", "closed-new", "merged-new", "moved-new"}
    first = next(p for p in found if p.id == "open")
    assert first == await ground.targets.one("open") and first.origin == origin()
    assert await ground.targets.one("nowhere") is None


async def test_by_subject(ground: Ground) -> None:
    await ground.has("first", origin=origin(), reported_at=at(0))
    await ground.has("second", origin=origin(), reported_at=at(1))
    await ground.has("closed", origin=origin(), reported_at=at(2), status=Status.CLOSED)
    found = await ground.targets.of_subject("m1")
    assert found is not None and found.id == "second"
    assert await ground.targets.of_subject("m2") is None


async def test_by_place(ground: Ground) -> None:
    far, wide = Point(116.3, 35.15), Reach(metres=18_000, hours=3)
    await ground.has("here", location=Place(lon=116.304, lat=35.0))
    await ground.has("far", location=Place(lon=far.lon, lat=far.lat))
    await ground.has("far-reaching", location=Place(lon=far.lon, lat=far.lat), reach=wide)
    await ground.has("elsewhere", location=Place(town="370828105"))
    await ground.has("other", location=Place(lon=116.304, lat=35.0), category="road-dust")
    for status, days in (("closed", 9), ("closed", 7), ("rejected", 9)):
        await ground.has(
            f"{status}-{days}", location=Place(lon=116.3, lat=35.0), status=status,
            updated_at=at(days),
        )  # fmt: skip
    found = await ground.targets.near("bare-soil", HERE, 500, at(8))
    assert ids(found) == {"here", "far-reaching", "closed-9"}


@given(
    places=st.lists(
        st.tuples(st.floats(116.0, 116.6), st.floats(34.8, 35.3), st.none() | st.floats(100, 20e3)),
        max_size=12,
    ),
    metres=st.floats(100, 20_000),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_nothing_near_is_missed(
    ground: Ground, places: list[tuple[float, float, float | None]], metres: float
) -> None:
    category = uuid4().hex
    near = set()
    for number, (lon, lat, reach) in enumerate(places):
        entry_id = f"{category}-{number}"
        await ground.has(
            entry_id, category=category, location=Place(lon=lon, lat=lat),
            reach=Reach(metres=reach, hours=1) if reach else None,
        )  # fmt: skip
        if distance_m(HERE, Point(lon, lat)) <= max(metres, reach or 0):
            near.add(entry_id)
    assert near <= ids(await ground.targets.near(category, HERE, metres, START))


def body(minute: int) -> Observe:
    seen = one_sighting(START + timedelta(minutes=minute), None)
    return Observe(
        sightings=seen, severity=problem().severity, facts={"n": minute, "x": [1.5, "a"]}
    )


def collected(problem_id: str, due: float | None = None) -> Collected:
    return no_sightings(problem_id).model_copy(update={"due_at": None if due is None else at(due)})


async def test_what_is_collected_comes_back_as_it_was(ground: Ground) -> None:
    one = collected("p1").with_more(
        "f1", body(0), takes_up=True, urgent=False, not_before=at(1), now=at(0)
    )
    assert await ground.sightings.save(one)
    held = (await ground.sightings.of(["p1", "p2"]))["p1"]
    assert held == one.stored()
    assert await ground.sightings.save(held.frozen())
    frozen = (await ground.sightings.of(["p1"]))["p1"]
    assert frozen.sending == held.frozen().sending and frozen.pending is None
    assert frozen.command_id() == held.frozen().command_id()
    assert frozen.due_at == at(1), "due until it is sent"
    sent = frozen.sent(at(2), timedelta(minutes=1))
    assert await ground.sightings.save(sent)
    assert (await ground.sightings.of(["p1"]))["p1"] == sent.stored()
    assert await ground.sightings.of([]) == {}


async def test_whoever_comes_second_looks_again(ground: Ground) -> None:
    assert await ground.sightings.save(collected("p1"))
    assert not await ground.sightings.save(collected("p1")), "it is there already"
    held = (await ground.sightings.of(["p1"]))["p1"]
    assert await ground.sightings.save(held)
    assert not await ground.sightings.save(held)
    assert not await ground.sightings.save(collected("p2").stored()), "nothing is stored"


async def test_the_longest_due_first(ground: Ground) -> None:
    assert await ground.sightings.next_due() is None
    for name, due in (("b", 2.0), ("a", 1.0), ("later", 5.0), ("never", None)):
        assert await ground.sightings.save(collected(name, due))
    assert list(await ground.sightings.due(at(3), 10)) == ["a", "b"]
    assert list(await ground.sightings.due(at(3), 1)) == ["a"]
    assert await ground.sightings.next_due() == at(1)


def duty(
    id_: str, role: Part, since: date, until: date | None = None, **more: Any
) -> Responsibility:
    department = id_.split("-")[1]
    term = Term(since=since, until=until, text="管控", department_name=department)
    return Responsibility(
        **{
            "id": id_, "line": "dust", "version": 1, "created_at": START, "updated_at": START,
            "updated_by": CLERK, "item": "14", "clause": "14.1", "text": "管控",
            "department": department, "department_name": department, "role": role,
            "effective_from": since, "effective_to": until, "terms": (term,), **more,
        }
    )  # fmt: skip


async def test_who_is_responsible(ground: Ground) -> None:
    old, day = date(2024, 1, 1), timedelta(days=1)
    rows = [
        duty("14.1-helper-support", Part.SUPPORT, old),
        duty("14.1-sharer-shared", Part.SHARED, old),
        duty("14.1-town-lead", Part.LEAD, old, town="370828105"),
        duty("14.1-former-lead", Part.LEAD, old, DAY),
        duty("14.1-next-lead", Part.LEAD, DAY + day),
        duty("14.2-other-lead", Part.LEAD, old, clause="14.2"),
    ]
    for row in rows:
        assert await ground.world.ledger.create(row, applied(row))
    units = [await ground.duties.unit_for("14.1", DAY + day * n) for n in (-1, 0, 1)]
    assert units == ["former", "sharer", "next"]
    assert await ground.duties.unit_for("14.2", DAY) == "other"
    assert await ground.duties.unit_for("99.9", DAY) is None
