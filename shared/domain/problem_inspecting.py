"""Looking at what was rectified: visits, spot checks, and objections of the public."""

from typing import Any

from shared.domain.context import Context
from shared.domain.moments import SHANGHAI, Moment
from shared.domain.problem import Problem, Status, Visit
from shared.domain.problem_bodies import Inspect, WithReason
from shared.domain.problem_effects import check_is_no_rectifier
from shared.domain.problem_evidence import with_evidence
from shared.domain.problem_register import check_place
from shared.domain.problem_sightings import afresh
from shared.domain.refusal import refuse
from shared.domain.rule import Fields

VISITS_KEPT = 20


def inspect(problem: Problem, body: Inspect, context: Context) -> Fields:
    """A visit that finds it wrong sends back what was submitted, and reopens what was closed."""
    check_is_no_rectifier(problem, context, "核查")
    if body.location is not None and (wrong := check_place(body.location, context)):
        raise refuse("invalid-field", "；".join(error.detail for error in wrong), *wrong)
    items = {f"/evidence/{position}": item for position, item in enumerate(body.evidence)}
    closed = problem.status is Status.CLOSED
    visit = Visit(
        result=body.result,
        remark=body.remark,
        location=body.location,
        evidence=tuple(item.sha256 for item in body.evidence),
        spot_check=closed,
        at=context.now,
        by=context.actor,
    )
    fields: dict[str, Any] = {
        "visits": (*problem.visits, visit)[-VISITS_KEPT:],
        "visit_count": problem.visit_count + 1,
        "evidence": with_evidence(problem, items, context),
    }
    if body.result != "unqualified":
        return fields
    if not closed:
        return {**fields, "status": Status.RECTIFYING, "submitted_at": None}
    return {**fields, **afresh(problem, context.now), "status": _again(problem)}


def objection(problem: Problem, body: WithReason, context: Context) -> Fields:
    """异议: only while the notice is out; later a judge may still reopen."""
    until = problem.notice_until
    if until is None or context.now > until:
        said = f"已于 {_said(until)} 结束" if until else "没有公示期"
        raise refuse("notice-over", f"该问题公示{said};请向统筹或牵头单位反映,由其决定是否重办")
    return {**afresh(problem, context.now), "status": _again(problem)}


def _again(problem: Problem) -> Status:
    return Status.ASSIGNED if problem.unit is not None else Status.REGISTERED


def _said(moment: Moment) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
