"""One problem, not fifty: single ways of a finding, each on its own."""

from datetime import timedelta
from typing import Any

import pytest

from shared.application.changes import difference
from shared.contract.trace import Trace, following
from shared.domain.actor import Actor, Role
from shared.domain.entry import Kind
from shared.domain.problem import Status
from tests.unit.application.joining import FAR, Desk, clear, finding, only
from tests.unit.application.world import command
from tests.unit.domain.test_responsibilities import NEW
from tests.unit.domain.world import LEAD, NOW, REPORT

PM10 = {"quantity": "pm10", "value": 300.0, "unit": "ug/m3", "limit": 150.0}
REACH = {"metres": 500, "hours": 6}


async def test_the_first_finding_registers() -> None:
    desk = Desk()
    said = finding(reading=PM10, facts={"wind": "NW"}, department="housing", lon=116.3, lat=35.0)
    joined = await desk.take(said, "f1")
    problem = only(desk)
    assert (joined.outcome, joined.problem) == ("registered", problem.id)
    assert problem.origin is not None and problem.sightings is not None
    assert problem.origin.model_dump() == {
        "rule": "dust.pm10-over", "subject": "m1", "key": "bare_soil:m1", "finding": "f1",
        "proves": False,
    }  # fmt: skip
    assert problem.reported_by.role is Role.SYSTEM and problem.status is Status.REGISTERED
    assert (problem.town, problem.town_by) == ("370828003", "reporter")
    assert problem.suggested_unit == "housing" and problem.facts == {"wind": "NW"}
    assert problem.reading == problem.sightings.peak == problem.sightings.readings[0].reading
    assert problem.found_at == problem.sightings.first_at == said.seen_at


async def test_further_ones_wait_for_their_minute() -> None:
    desk = Desk()
    await desk.take(finding(), "f0")
    for number in range(1, 40):
        assert (await desk.take(finding(minute=number), f"f{number}")).outcome == "joined"
    assert only(desk).version == 1
    wait = await desk.flush()
    assert wait is not None and 55 < wait < 60 and only(desk).version == 1
    desk.turned.turn(seconds=61)
    assert await desk.flush() is None
    problem = only(desk)
    assert problem.version == 2 and problem.sightings is not None
    assert problem.sightings.count == 40
    assert problem.sightings.last_at == NOW + timedelta(minutes=39)
    desk.turned.turn(minutes=5)
    await desk.take(finding(minute=41), "f41")
    assert only(desk).version == 3, "after a quiet minute nothing waits"


async def test_graver_is_told_at_once_and_milder_changes_nothing() -> None:
    desk = Desk()
    await desk.take(finding(), "f0")
    await desk.take(finding(minute=1, severity="critical"), "f1")
    assert (only(desk).version, only(desk).severity) == (2, "critical")
    await desk.take(finding(minute=2, severity="serious"), "f2")
    await desk.flush_all()
    assert only(desk).severity == "critical"


async def test_delivered_again_it_counts_once() -> None:
    desk = Desk()
    for _ in range(3):
        await desk.take(finding(), "f0")
        await desk.take(finding(minute=1), "f1")
    await desk.flush_all()
    assert (await desk.take(finding(minute=1), "f1")).outcome == "repeat"
    assert (await desk.take(finding(), "f0")).outcome == "repeat"
    problem = only(desk)
    assert problem.sightings is not None and problem.sightings.count == 2


async def test_outside_the_county_nothing_is_registered() -> None:
    desk = Desk()
    joined = await desk.take(finding(town=None, reach=REACH, lon=FAR.lon, lat=FAR.lat), "f0")
    assert joined.outcome == "outside" and desk.problems() == []


@pytest.mark.parametrize(
    "wrong", [{"category": "no_such"}, {"source": "rumour"}, {"clause": "99.9"}]
)
async def test_what_can_never_be_is_told_with_its_reason(wrong: dict[str, Any]) -> None:
    desk = Desk()
    for _ in range(2):
        joined = await desk.take(finding(**wrong), "f0")
        assert joined.outcome == "refused" and joined.refusal is not None
        assert joined.refusal.type == "invalid-field" and next(iter(wrong)) in str(joined.refusal)
    assert desk.problems() == []


async def test_facts_that_nothing_can_store() -> None:
    desk = Desk()
    for number, facts in enumerate(({"a.b": 1}, {"$x": 1}, {"n": 2**70}, {"long": "长" * 9000})):
        assert (await desk.take(finding(facts=facts), f"f{number}")).outcome == "refused"
    await desk.take(finding(), "good")
    assert (await desk.take(finding(minute=1, facts={"a.b": 1}), "g")).outcome == "refused"
    assert only(desk).facts == {}


async def test_a_device_without_a_place_still_counts() -> None:
    desk = Desk()
    await desk.take(finding(town=None), "f0")
    assert only(desk).location.address == "m1" and only(desk).town is None


async def test_the_likely_unit_leads_the_clause() -> None:
    desk = Desk()
    for number, (department, role) in enumerate(
        [("water", "shared"), ("transport", "lead"), ("housing", "lead")]
    ):
        row = {**NEW, "department": department, "clause": "14.1", "role": role}
        said = command(f"r{number}", f"14.1-{department}", "create", row, LEAD)
        await desk.handler().handle(said.model_copy(update={"kind": Kind.RESPONSIBILITY}))
    await desk.take(finding(clause="14.1"), "f0")
    await desk.take(finding("m2", clause="14.1", department="ecology"), "f1")
    await desk.take(finding("m3", clause="14.2"), "f2")
    await desk.take(finding("m4", department="no-such-unit"), "f3")
    units = {p.origin.subject: p.suggested_unit for p in desk.problems() if p.origin}
    assert units == {"m1": "housing", "m2": "ecology", "m3": None, "m4": None}


async def test_proof_and_what_voids_it() -> None:
    desk = Desk()
    assert (await desk.take(clear(), "c0")).outcome == "nothing"
    await desk.take(finding(), "f0")
    await desk.take(finding(minute=50), "f1")
    assert (await desk.take(clear(), "c1")).outcome == "proved"
    problem = only(desk)
    assert problem.proof is not None and problem.proof.readings == 48
    assert problem.ready_since is not None and problem.status is Status.REGISTERED
    assert problem.sightings is not None and problem.sightings.count == 2, "told before the proof"
    assert (await desk.take(clear(), "c1")).outcome == "repeat"
    await desk.take(finding(minute=30), "late")
    await desk.flush_all()
    assert only(desk).proof is not None, "older than the proof, it changes nothing"
    await desk.take(finding(minute=400), "f2")
    await desk.flush_all()
    assert only(desk).proof is None and only(desk).ready_since is None
    assert (await desk.take(clear(), "c2")).outcome == "late"
    assert only(desk).proof is None


async def test_closed_not_long_ago_it_is_taken_up_again() -> None:
    desk = Desk()
    await desk.take(finding(), "f0")
    await desk.close(only(desk).id)
    assert (await desk.take(finding(minute=0), "same-moment")).outcome == "late"
    assert only(desk).status is Status.CLOSED
    desk.turned.turn(days=29)
    assert (await desk.take(finding(minute=60 * 24 * 29), "f1")).outcome == "relapsed"
    problem = only(desk)
    assert (problem.status, problem.reopened, problem.unit) == (Status.ASSIGNED, 1, "housing")
    assert problem.closed_at is None and problem.verdict is None
    assert problem.origin is not None and problem.origin.finding == "f0"
    assert problem.sightings is not None and problem.sightings.count == 2
    await desk.close(problem.id)
    desk.turned.turn(days=31)
    assert (await desk.take(finding(minute=60 * 24 * 61), "f2")).outcome == "registered"
    assert len(desk.problems()) == 2


async def test_closed_while_sightings_wait_it_stays_closed() -> None:
    desk = Desk()
    await desk.take(finding(), "f0")
    await desk.take(finding(minute=0.5), "f1")
    await desk.close(only(desk).id)
    await desk.flush_all()
    problem = only(desk)
    assert (problem.status, problem.reopened) == (Status.CLOSED, 0)
    assert (await desk.take(finding(minute=9), "f2")).outcome == "relapsed"


async def test_rejected_it_is_a_new_one() -> None:
    desk = Desk()
    await desk.take(finding(), "f0")
    await desk.do(only(desk).id, "reject")
    assert (await desk.take(finding(minute=5), "f1")).outcome == "registered"


async def test_merged_its_sightings_go_on() -> None:
    desk = Desk()
    await desk.take(finding("m1"), "a0")
    await desk.take(finding("m2"), "b0")
    one, two = (p.id for p in desk.problems())
    await desk.take(finding("m1", minute=0.5), "a1")
    await desk.do(one, "merge", into=two)
    await desk.relay()
    await desk.flush_all()
    await desk.relay()
    assert (await desk.take(finding("m1", minute=3), "a2")).problem == two
    await desk.flush_all()
    sightings = desk.problem(two).sightings
    assert sightings is not None and sightings.count == 3
    await desk.close(two)
    assert (await desk.take(finding("m1", minute=9), "a3")).outcome == "relapsed"
    assert desk.problem(two).status is Status.ASSIGNED


async def test_moved_its_sightings_are_sent_after_it() -> None:
    desk = Desk()
    await desk.take(finding(), "f0")
    stub = only(desk).id
    await desk.do(stub, "transfer", line="coal")
    await desk.relay()
    desk.elsewhere.clear()
    desk.turned.turn(minutes=2)
    assert (await desk.take(finding(minute=2), "f1")).outcome == "elsewhere"
    assert (await desk.take(clear(), "c1")).outcome == "elsewhere"
    await desk.relay()
    assert [(line, said.name, said.hops) for line, said in desk.elsewhere] == [
        ("coal", "relapse", 1), ("coal", "prove", 1),
    ]  # fmt: skip
    desk.turned.turn(days=31)
    assert (await desk.take(finding(minute=60 * 24 * 31), "f2")).outcome == "registered"


async def test_a_fire_that_a_person_reported_is_the_same_fire() -> None:
    desk = Desk()
    said = {**REPORT, "location": {"lon": 116.3, "lat": 35.0, "town": "370828003"}}
    await desk.handler().handle(command("c1", "p1", "register", said))
    near = finding("v1", 60, town=None, lon=116.304, lat=35.0, reach=REACH, accuracy=187)
    assert (await desk.take(near, "f1")).problem == "p1"
    await desk.flush_all()
    problem = only(desk)
    assert (problem.location.lon, problem.town_by) == (116.3, "reporter"), "the person was there"
    assert problem.sightings is not None and problem.reach is not None
    far = near.model_copy(update={"lon": 116.32})
    assert (await desk.take(far, "f2")).outcome == "registered"
    later = near.model_copy(update={"seen_at": NOW + timedelta(hours=20)})
    assert (await desk.take(later, "f3")).outcome == "registered"
    other = near.model_copy(update={"category": "road_dust"})
    assert (await desk.take(other, "f4")).outcome == "registered"


async def test_a_better_position_brings_its_town() -> None:
    desk = Desk()
    rough = finding("v", town=None, lon=116.3, lat=35.099, reach={"metres": 1500, "hours": 12})
    fine = finding(
        "c", 5, town=None, lon=116.3, lat=35.101, reach={"metres": 300, "hours": 1}, accuracy=50
    )
    await desk.take(rough, "f0")
    assert (only(desk).town, only(desk).accuracy) == ("370828003", 1500)
    await desk.take(fine, "f1")
    await desk.take(rough.model_copy(update={"lon": 116.301}), "f2")
    await desk.flush_all()
    problem = only(desk)
    assert (problem.location.lat, problem.accuracy) == (35.101, 50)
    assert problem.town == problem.location.town == "370828101"
    assert problem.town_by == "polygon" and problem.reach is not None
    assert problem.reach.metres == 300


async def test_only_the_product_says_what_a_rule_found() -> None:
    desk = Desk()
    origin = {"rule": "r", "subject": "s", "key": "k", "finding": "f"}
    said = {**REPORT, "finding": {"origin": origin}}
    someone = Actor(id="x", role=Role.DEVICE)
    answer = await desk.handler().handle(command("c1", "p1", "register", said, someone))
    assert answer.refusal is not None and answer.refusal.errors[0].pointer == "/finding"
    assert desk.problems() == []


async def test_history_tells_what_was_seen_without_every_point() -> None:
    """A monitor above its limit all day would else write its points again with every version."""
    desk = Desk()
    await desk.take(finding(reading=PM10), "f0")
    before = only(desk)
    for hour in range(1, 40):
        await desk.take(finding(minute=60 * hour, reading=PM10), f"f{hour}")
    desk.turned.turn(minutes=2)
    await desk.flush()
    after = only(desk)
    assert after.sightings is not None and len(after.sightings.readings) == 40
    told = difference(before, after)["sightings"]
    assert [side["count"] for side in told] == [1, 40]
    assert all("readings" not in side for side in told)


async def test_what_is_collected_follows_the_finding_that_began_it() -> None:
    """The command goes out a minute later, from another task, after a restart."""
    desk = Desk()
    first, second, third = (Trace(f"{n}" * 32, "b" * 16, sampled=n > 2) for n in (1, 2, 3))
    await desk.take(finding(), "f0")
    for minute, trace in enumerate((first, second), 1):
        with following(trace):
            await desk.take(finding(minute=minute), f"f{minute}")
    desk.restart()
    await desk.flush_all()
    assert [trace for _, trace in await desk.traces()] == [None, first]
    with following(first):
        await desk.take(finding(minute=4), "f4")
    with following(third):
        await desk.take(finding(minute=5), "f5")
    await desk.flush_all()
    assert (await desk.traces())[-1] == (3, third), "only this one is told, so it tells of both"
