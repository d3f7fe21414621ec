"""What sightings, proofs and relapses change, and what they leave alone."""

from typing import Any

import pytest

from shared.domain.actor import Role
from shared.domain.decide import decide, entry_from
from shared.domain.problem import Problem, Status
from tests.unit.domain.world import (
    ACTORS,
    HOUR,
    PROOF,
    SIGHTED,
    context,
    do,
    problem_in,
    refusal_of,
    register,
)

SYSTEM = ACTORS[Role.SYSTEM]
REACH = {"metres": 500, "hours": 6}
ORIGIN = {"rule": "r", "subject": "s", "key": "k", "finding": "f"}
NEW_FIELDS = (
    "town_by", "origin", "accuracy", "reach", "sightings", "facts", "proof", "ready_since",
    "parent", "children",
)  # fmt: skip


def raised(**finding: Any) -> Problem:
    """As a rule raised it."""
    said = {"origin": ORIGIN, "town_by": "nearest-seat", "accuracy": 500, "reach": REACH, **finding}
    return register(SYSTEM, finding=said)


def better(town: str = "370828101", **more: Any) -> dict[str, Any]:
    place = {"lon": 116.32, "lat": 35.08, "town": town}
    return {"location": place, "town_by": "polygon", "accuracy": 100, **more}


def test_what_was_stored_before_still_loads() -> None:
    held = register().model_dump(mode="json")
    old = {name: value for name, value in held.items() if name not in NEW_FIELDS}
    loaded = entry_from(old)
    assert isinstance(loaded, Problem) and loaded.children == () and loaded.sightings is None
    assert do(loaded, "observe").sightings is not None


def test_a_guessed_town_gives_way_until_somebody_has_it() -> None:
    found = do(raised(), "observe", **better())
    assert (found.town, found.location.town, found.town_by) == (("370828101",) * 2 + ("polygon",))
    assert (found.accuracy, found.location.lon) == (100, 116.32)
    handed = do(do(raised(), "assign", town=None), "observe", **better())
    assert handed.location.lon == 116.32, "the place is known better"
    assert (handed.town, handed.location.town) == ("370828003", "370828003"), "the town stays"


def test_whoever_names_the_town_confirms_it() -> None:
    assert do(raised(), "assign").town_by == "reporter"
    assert do(raised(), "assign", town=None).town_by == "nearest-seat"
    assert register().town_by == "reporter"
    assert register(location={"address": "某路口"}).town_by is None


def test_a_worse_position_and_a_persons_place_stay() -> None:
    rough = do(raised(), "observe", **better(accuracy=900))
    assert (rough.location.lon, rough.accuracy) == (116.31, 500)
    person = do(register(), "observe", **better(reach=REACH))
    assert (person.location.lon, person.accuracy) == (116.31, None)
    assert person.reach is not None and person.reach.metres == 500
    nowhere = do(register(location={"address": "某路口"}), "observe", **better())
    assert (nowhere.location.lon, nowhere.location.address) == (116.32, "某路口")
    assert (nowhere.town, nowhere.town_by) == ("370828101", "polygon")


@pytest.mark.parametrize("status", [Status.REGISTERED, Status.SUBMITTED, Status.SUSPENDED])
def test_a_proof_changes_no_state_and_a_later_sighting_voids_it(status: Status) -> None:
    proved = do(problem_in(status), "prove")
    assert proved.status is status and proved.proof is not None
    assert proved.ready_since == proved.updated_at
    earlier = do(proved, "observe")
    assert earlier.proof == proved.proof, "it was seen before the proof began"
    at = "2026-11-23T12:00:00+08:00"
    later = do(earlier, "observe", sightings={"count": 1, "first_at": at, "last_at": at})
    assert later.proof is None and later.ready_since is None and later.status is status


def test_a_proof_of_what_was_seen_since() -> None:
    at = "2026-11-23T15:00:00+08:00"
    seen = do(register(), "observe", sightings={"count": 1, "first_at": at, "last_at": at})
    said = refusal_of(decide, seen, "prove", PROOF, None, context(SYSTEM, seen.updated_at + HOUR))
    assert (said.type, said.status) == ("seen-since", 409)


def test_taken_up_again() -> None:
    closed = problem_in(Status.CLOSED)
    again = do(closed, "relapse", severity="critical")
    reopened = do(closed, "reopen")
    assert (again.status, again.reopened, again.severity) == (Status.ASSIGNED, 1, "critical")
    # A graver one has less time.
    same = {"severity", "sightings", "updated_by", "clocks", "due_at"}
    assert again.model_dump(exclude=same) == reopened.model_dump(exclude=same)
    nobody = do(closed.model_copy(update={"unit": None}), "relapse")
    assert (nobody.status, nobody.assigned_at) == (Status.REGISTERED, None)
    proved = do(problem_in(Status.SUBMITTED), "prove")
    again = do(do(proved, "approve"), "reopen")
    assert (again.proof, again.ready_since) == (proved.proof, None), "nothing was measured since"
    assert do(do(proved, "approve"), "relapse").proof is None


def test_open_again_already_it_is_seen_once_more() -> None:
    seen = do(problem_in(Status.RECTIFYING), "relapse")
    assert (seen.status, seen.reopened) == (Status.RECTIFYING, 0)
    assert seen.sightings is not None and seen.sightings.count == SIGHTED["sightings"]["count"]


def test_facts_stay_bounded_and_the_new_ones_win() -> None:
    held = raised(facts={f"n{n}": n for n in range(20)})
    after = do(held, "observe", facts={"n0": "new", "x": 1})
    assert len(after.facts) == 20 and after.facts["n0"] == "new" and after.facts["x"] == 1
    assert "n1" not in after.facts
