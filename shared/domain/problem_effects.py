"""What each command does to a problem: the fields that change, or a refusal that says why not.

Each function takes the problem, the command's validated body and the context, and returns the
changed fields; the state itself comes from the table unless `status` is among them.
"""

from datetime import timedelta

from shared.domain.context import Context
from shared.domain.moments import SHANGHAI, Moment
from shared.domain.problem import (
    COMMENT_LIMIT,
    PROGRESS_LIMIT,
    ExtensionRequest,
    Problem,
    Progress,
    Status,
    Suspension,
    Verdict,
)
from shared.domain.problem_bodies import (
    Absorb,
    Approve,
    AskExtension,
    Assign,
    ChangeSeverity,
    Comment,
    EvidenceItem,
    Extend,
    Merge,
    Nothing,
    ReportProgress,
    Return,
    Transfer,
    WithReason,
)
from shared.domain.problem_children import all_children, check_children_ended
from shared.domain.problem_evidence import check_shown_over, with_evidence
from shared.domain.problem_sightings import afresh
from shared.domain.refusal import invalid, refuse
from shared.domain.rule import Fields

RETURNS_BEFORE_DESK = 2
"""The second return moves a problem to the coordinator's desk."""
ABSORBED_KEPT = 50
EXTENSION_MOST = timedelta(days=5 * 366)
"""How far ahead a deadline may lie: what lies farther is a slip of the pen."""


def _known_unit(code: str, pointer: str, context: Context) -> None:
    if context.directory.unit_name(code) is None:
        raise invalid(
            pointer, f"没有代码为“{code}”的单位,可用代码见 GET /v1/departments 和 GET /v1/towns"
        )


def _known_line(key: str, pointer: str, context: Context) -> None:
    if context.directory.line_name(key) is None:
        raise invalid(pointer, f"没有工作线“{key}”,可用:见 GET /v1/lines")


def assign(problem: Problem, body: Assign, context: Context) -> Fields:
    _known_unit(body.unit, "/unit", context)
    for position, unit in enumerate(body.co_units):
        _known_unit(unit, f"/co_units/{position}", context)
    if body.town is not None and context.directory.town_name(body.town) is None:
        raise invalid("/town", f"没有代码为“{body.town}”的镇街或园区,可用代码见 GET /v1/towns")
    if body.due_at is not None and body.due_at <= context.now:
        raise invalid("/due_at", "整改时限须晚于现在")
    if body.due_at is not None and body.due_at - context.now > EXTENSION_MOST:
        raise invalid("/due_at", f"整改时限最远为 {EXTENSION_MOST.days} 天后")
    return {
        "unit": body.unit,
        "town": body.town or problem.town,
        # Whoever names the town confirms it.
        "town_by": "reporter" if body.town else problem.town_by,
        "co_units": body.co_units,
        "assigned_at": context.now,
        "accepted_at": None,
        "extension_request": None,
    }


def accept(problem: Problem, body: Nothing, context: Context) -> Fields:
    return {"accepted_at": context.now}


def give_back(problem: Problem, body: Return, context: Context) -> Fields:
    if body.suggested_unit is not None:
        _known_unit(body.suggested_unit, "/suggested_unit", context)
        if body.suggested_unit == problem.unit:
            raise invalid("/suggested_unit", "建议单位就是现承办单位,请写明另一家")
    if body.suggested_line is not None:
        _known_line(body.suggested_line, "/suggested_line", context)
        if body.suggested_line == problem.line:
            raise invalid("/suggested_line", "建议工作线就是本线,请写明另一条或改填建议单位")
    returns = problem.returns + 1
    to_desk = returns >= RETURNS_BEFORE_DESK and context.line.key != "coordination"
    moved = {"status": Status.MOVED, "moved_to": "coordination"} if to_desk else {}
    return {
        "returns": returns,
        "suggested_unit": body.suggested_unit,
        "suggested_line": body.suggested_line,
        "unit": None,
        "co_units": (),
        "assigned_at": None,
        "accepted_at": None,
        "extension_request": None,
        **moved,
    }


def _rectifiers(problem: Problem, context: Context) -> tuple[str, ...]:
    unit = context.actor.unit
    if unit is None or unit in problem.rectified_by:
        return problem.rectified_by
    return (*problem.rectified_by, unit)[-20:]


def start(problem: Problem, body: Nothing, context: Context) -> Fields:
    return {"started_at": context.now, "rectified_by": _rectifiers(problem, context)}


def report_progress(problem: Problem, body: ReportProgress, context: Context) -> Fields:
    if problem.progress_count >= PROGRESS_LIMIT:
        raise refuse("limit-reached", f"一个问题最多报 {PROGRESS_LIMIT} 次进展")
    return {
        "progress": Progress(text=body.text, at=context.now, by=context.actor),
        "progress_count": problem.progress_count + 1,
        "rectified_by": _rectifiers(problem, context),
    }


def submit(problem: Problem, body: Nothing, context: Context) -> Fields:
    return {"submitted_at": context.now, "rectified_by": _rectifiers(problem, context)}


def check_is_no_rectifier(problem: Problem, context: Context, what: str) -> None:
    """谁整改、谁不核查: refuses people of the units that rectified, or that it was handed to."""
    unit = context.actor.unit
    if unit is None:
        raise refuse(
            "rectifier-cannot-approve", f"{what}须写明核查人所在单位(X-Unit),以便回避整改单位"
        )
    if problem.concerns(unit) or unit in problem.rectified_by:
        raise refuse(
            "rectifier-cannot-approve",
            f"“{context.directory.unit_name(unit) or unit}”参与了整改,不能{what};请由其他单位核查",
        )


def approve(problem: Problem, body: Approve, context: Context) -> Fields:
    check_is_no_rectifier(problem, context, "销号")
    check_children_ended(problem)
    evidence = with_evidence(
        problem,
        {f"/evidence/{position}": item for position, item in enumerate(body.evidence)},
        context,
    )
    check_shown_over(problem, evidence)
    return {
        "evidence": evidence,
        "closed_at": context.now,
        "notice_until": _notice_until(context),
        "verdict": Verdict(
            result=body.result, remark=body.remark, at=context.now, by=context.actor
        ),
    }


def _notice_until(context: Context) -> Moment | None:
    days = context.directory.verification.notice_days
    return context.directory.timing.time.working.add_days(context.now, days) if days else None


def send_back(problem: Problem, body: WithReason, context: Context) -> Fields:
    return {"submitted_at": None}


def _later(problem: Problem, due_at: Moment, context: Context) -> None:
    if due_at <= context.now:
        raise invalid("/due_at", "新的时限须晚于现在")
    if due_at - context.now > EXTENSION_MOST:
        raise invalid("/due_at", f"新的时限最远为 {EXTENSION_MOST.days} 天后")
    if problem.due_at is not None and due_at <= problem.due_at:
        said = problem.due_at.astimezone(SHANGHAI).isoformat(timespec="minutes")
        raise invalid("/due_at", f"新的时限须晚于原时限 {said}")


def extend(problem: Problem, body: Extend, context: Context) -> Fields:
    _later(problem, body.due_at, context)
    return {"extensions": problem.extensions + 1, "extension_request": None}


def ask_extension(problem: Problem, body: AskExtension, context: Context) -> Fields:
    """Asking stops no clock: until it is granted the old deadline holds."""
    _later(problem, body.due_at, context)
    asked = ExtensionRequest(
        due_at=body.due_at, reason=body.reason, at=context.now, by=context.actor
    )
    return {"extension_request": asked}


def decline_extension(problem: Problem, body: WithReason, context: Context) -> Fields:
    if problem.extension_request is None:
        raise refuse("nothing-due", "该问题没有待批的延期申请")
    return {"extension_request": None}


def suspend(problem: Problem, body: WithReason, context: Context) -> Fields:
    return {
        "suspension": Suspension(reason=body.reason, since=context.now, resumes_to=problem.status)
    }


def resume(problem: Problem, body: Nothing, context: Context) -> Fields:
    assert problem.suspension is not None, "a suspended problem knows what it resumes to"
    return {"status": problem.suspension.resumes_to, "suspension": None}


def reject(problem: Problem, body: WithReason, context: Context) -> Fields:
    return {}


def merge(problem: Problem, body: Merge, context: Context) -> Fields:
    """That the other problem exists and is open is the handler's to look up."""
    if body.into == problem.id:
        raise refuse("merge-target", "不能并入自身;into 请填另一个问题的 id")
    return {"merged_into": body.into}


def absorb(problem: Problem, body: Absorb, context: Context) -> Fields:
    """Two problems merged into each other at the same moment: one of them lives on, since else
    nobody would have either."""
    crossed = problem.merged_into == body.problem and problem.id < body.problem
    revived = {"status": Status.REGISTERED, "merged_into": None} if crossed else {}
    return {
        "absorbed": (*problem.absorbed, body.problem)[-ABSORBED_KEPT:],
        "absorbed_count": problem.absorbed_count + 1,
        "children": all_children(problem.children, body.children),
        **revived,
    }


def reopen(problem: Problem, body: WithReason, context: Context) -> Fields:
    """The earlier verdict stands in the history. Nothing was measured anew, so readings that showed
    that it was over still do; without them it could never be closed again."""
    return {**afresh(problem, context.now), "proof": problem.proof}


def transfer(problem: Problem, body: Transfer, context: Context) -> Fields:
    _known_line(body.line, "/line", context)
    if body.line == context.line.key:
        raise invalid("/line", "问题已在本线,请选择另一条工作线")
    return {"moved_to": body.line}


def comment(problem: Problem, body: Comment, context: Context) -> Fields:
    if problem.comment_count >= COMMENT_LIMIT:
        raise refuse("limit-reached", f"一个问题最多 {COMMENT_LIMIT} 条批注")
    return {"comment_count": problem.comment_count + 1}


def attach_evidence(problem: Problem, body: EvidenceItem, context: Context) -> Fields:
    return {"evidence": with_evidence(problem, {"": body}, context)}


def change_severity(problem: Problem, body: ChangeSeverity, context: Context) -> Fields:
    if body.severity == problem.severity:
        raise invalid("/severity", "等级没有变化")
    return {"severity": body.severity}
