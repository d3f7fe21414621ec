"""What it does to a problem that it is seen, seen again, or shown to be over.

A problem's place is the best one that anybody gave: a rule's position gives way to one that is
known better; what a person said stands.
"""

from collections.abc import Mapping
from typing import Any

from shared.domain.context import Context
from shared.domain.entry import Place
from shared.domain.facts import with_facts
from shared.domain.moments import Moment
from shared.domain.problem import Problem, Status
from shared.domain.problem_bodies import Observe, Prove
from shared.domain.reading import graver
from shared.domain.refusal import refuse
from shared.domain.rule import Fields


def together(first: Observe, second: Observe) -> Observe:
    """Two bodies as one; `second` came later."""
    better = _better(second, first.location, first.accuracy)
    placed = second if better else first
    return Observe(
        sightings=first.sightings.with_more(second.sightings),
        severity=graver(first.severity, second.severity),
        location=placed.location,
        town_by=placed.town_by,
        accuracy=placed.accuracy,
        reach=placed.reach or first.reach or second.reach,
        parent=first.parent or second.parent,
        facts=with_facts(first.facts, second.facts),
    )


def seen(problem: Problem, body: Observe) -> dict[str, Any]:
    """The fields of `problem` that these sightings change; pure, whatever its state."""
    fields: dict[str, Any] = {
        "sightings": problem.sightings.with_more(body.sightings)
        if problem.sightings
        else body.sightings,
        "severity": graver(problem.severity, body.severity),
        "facts": with_facts(problem.facts, body.facts),
        "parent": problem.parent or body.parent,
    }
    if problem.proof is not None and body.sightings.last_at >= problem.proof.since:
        fields |= NO_PROOF
    if problem.reach is None:
        fields["reach"] = body.reach
    if body.location is not None and _better(body, problem.location, problem.accuracy):
        fields |= _moved_to(problem, body, body.location)
    return fields


NO_PROOF: Mapping[str, Any] = {"proof": None, "ready_since": None}


def observe(problem: Problem, body: Observe, context: Context) -> Fields:
    return seen(problem, body)


def prove(problem: Problem, body: Prove, context: Context) -> Fields:
    """It changes no state: a person looks and closes."""
    if problem.sightings is not None and problem.sightings.last_at >= body.proof.until:
        raise refuse("seen-since", "在证明期之后又发现同一问题,证明不成立")
    return {
        "proof": body.proof,
        "ready_since": context.now,
        "facts": with_facts(problem.facts, body.facts),
    }


def relapse(problem: Problem, body: Observe, context: Context) -> Fields:
    """反弹: what was closed is taken up again by whoever had it. Where somebody was faster and it is
    open again, it is a sighting like any other."""
    if problem.status is not Status.CLOSED:
        return seen(problem, body)
    status = Status.ASSIGNED if problem.unit is not None else Status.REGISTERED
    return {**seen(problem, body), **afresh(problem, context.now), "status": status}


def afresh(problem: Problem, now: Moment) -> dict[str, Any]:
    """What is set back when a closed problem is taken up again. Its evidence stays, so that it
    cannot be shown again: only what is taken after the new start counts."""
    return {
        "reopened": problem.reopened + 1,
        "assigned_at": now if problem.unit is not None else None,
        "accepted_at": None,
        "started_at": None,
        "submitted_at": None,
        "closed_at": None,
        "verdict": None,
        "notice_until": None,
        "escalation": None,
        "extension_request": None,
        **NO_PROOF,
    }


def _better(body: Observe, held: Place | None, accuracy: float | None) -> bool:
    if body.location is None or body.location.lon is None:
        return False
    if held is None or held.lon is None:
        return True
    return accuracy is not None and body.accuracy is not None and body.accuracy < accuracy


def _moved_to(problem: Problem, body: Observe, place: Place) -> dict[str, Any]:
    """The new place; its town too, unless a person said it or somebody works on it already."""
    settled = problem.town_by == "reporter" or problem.status is not Status.REGISTERED
    town = problem.location.town if settled else place.town or problem.location.town
    address = place.address or problem.location.address
    fields: dict[str, Any] = {
        "location": place.model_copy(update={"town": town, "address": address}),
        "accuracy": body.accuracy,
        "reach": body.reach or problem.reach,
    }
    if place.town is not None and not settled:
        fields |= {"town": place.town, "town_by": body.town_by}
    return fields
