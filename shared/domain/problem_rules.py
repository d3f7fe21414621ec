"""The life of a problem as one table: who may do what from which state, and what it does.

`GET /v1/transitions`, the diagram in the docs and the tests are all made from `RULES`.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from shared.domain import problem_effects as effect
from shared.domain import problem_inspecting as inspecting
from shared.domain import problem_pressing as pressing
from shared.domain import problem_sightings as sighting
from shared.domain.actor import Role
from shared.domain.problem import OPEN, Status
from shared.domain.problem_bodies import (
    AboutChild,
    Absorb,
    Approve,
    AskExtension,
    Assign,
    ChangeSeverity,
    Comment,
    EvidenceItem,
    Extend,
    Inspect,
    Merge,
    Nothing,
    Observe,
    Prove,
    ReportProgress,
    Return,
    Shorten,
    Transfer,
    WithReason,
)
from shared.domain.problem_children import told_of_child
from shared.domain.rule import Apply, Rule

S = Status
DESK = "coordination"
"""The coordinator's desk: where a problem goes that two units returned."""

_OFFICE = frozenset({Role.COORDINATOR, Role.LINE_LEAD})
_WORKING = frozenset({Role.DEPARTMENT, Role.TOWN})
_JUDGING = frozenset({Role.COORDINATOR, Role.LINE_LEAD, Role.INSPECTOR})
_ANYBODY = frozenset(Role) - {Role.VIEWER, Role.SYSTEM}
_SPEAKING = _ANYBODY - {Role.DEVICE}
_SYSTEM = frozenset({Role.SYSTEM})


def _rule(
    command: str,
    zh: str,
    sources: set[Status] | frozenset[Status],
    to: Status | None,
    roles: frozenset[Role],
    body: type[BaseModel],
    apply: Apply,
    **more: Any,
) -> Rule:
    return Rule(
        id=f"problem.{command}",
        command=command,
        zh=zh,
        sources=frozenset(sources),
        to=to,
        roles=roles,
        body=body,
        apply=apply,
        **more,
    )


_TABLE = (
    _rule(
        "assign", "交办", {S.REGISTERED, S.ASSIGNED}, S.ASSIGNED,
        _OFFICE | {Role.DEPARTMENT}, Assign, effect.assign,
    ),
    _rule(
        "accept", "签收", {S.ASSIGNED}, S.ACCEPTED, _WORKING, Nothing, effect.accept, own_unit=True
    ),
    _rule(
        "return", "退回", {S.ASSIGNED, S.ACCEPTED}, S.REGISTERED, _WORKING, Return,
        effect.give_back, own_unit=True,
        to_varies="registered 立案;第二次退回转统筹台 coordination(moved 转办)",
    ),
    _rule(
        "start", "开始整改", {S.ACCEPTED}, S.RECTIFYING, _WORKING, Nothing, effect.start,
        own_unit=True,
    ),
    _rule(
        "report-progress", "报进展", {S.ACCEPTED, S.RECTIFYING}, None, _WORKING,
        ReportProgress, effect.report_progress, own_unit=True, needs_version=False,
    ),
    _rule(
        "submit", "申请销号", {S.RECTIFYING}, S.SUBMITTED, _WORKING, Nothing, effect.submit,
        own_unit=True,
    ),
    _rule(
        "inspect", "核查", {S.SUBMITTED, S.CLOSED}, None, _JUDGING, Inspect, inspecting.inspect,
        to_varies="不合格:申请销号的退回 rectifying 整改中,已销号的反弹重办 assigned 交办;其余不变",
    ),
    _rule("approve", "销号", {S.SUBMITTED}, S.CLOSED, _JUDGING, Approve, effect.approve),
    _rule(
        "send-back", "退回整改", {S.SUBMITTED}, S.RECTIFYING, _JUDGING, WithReason,
        effect.send_back,
    ),
    _rule(
        "extend", "延期", {S.ASSIGNED, S.ACCEPTED, S.RECTIFYING}, None, _OFFICE, Extend,
        effect.extend,
    ),
    _rule(
        "ask-extension", "申请延期", {S.ASSIGNED, S.ACCEPTED, S.RECTIFYING}, None, _WORKING,
        AskExtension, effect.ask_extension, own_unit=True,
    ),
    _rule(
        "decline-extension", "不同意延期", {S.ASSIGNED, S.ACCEPTED, S.RECTIFYING}, None, _OFFICE,
        WithReason, effect.decline_extension,
    ),
    _rule(
        "suspend", "挂账", {S.REGISTERED, S.ASSIGNED, S.ACCEPTED, S.RECTIFYING}, S.SUSPENDED,
        frozenset({Role.COORDINATOR}), WithReason, effect.suspend,
    ),
    _rule(
        "resume", "恢复", {S.SUSPENDED}, None, frozenset({Role.COORDINATOR}), Nothing,
        effect.resume, to_varies="挂账前的状态",
    ),
    _rule(
        "reject", "不属实", {S.REGISTERED, S.ASSIGNED, S.ACCEPTED}, S.REJECTED, _JUDGING,
        WithReason, effect.reject,
    ),
    _rule(
        "merge", "并案", {S.REGISTERED, S.ASSIGNED, S.ACCEPTED, S.RECTIFYING}, S.MERGED,
        _OFFICE | {Role.DEPARTMENT}, Merge, effect.merge,
    ),
    _rule(
        "reopen", "反弹重办", {S.CLOSED}, S.ASSIGNED, _JUDGING, WithReason, effect.reopen
    ),
    _rule(
        "object", "异议", {S.CLOSED}, None, _SPEAKING, WithReason, inspecting.objection,
        to_varies="公示期内:assigned 交办(有承办单位)或 registered 立案",
    ),
    _rule(
        "transfer", "转办", {S.REGISTERED, S.ASSIGNED, S.ACCEPTED, S.RECTIFYING}, S.MOVED,
        _OFFICE, Transfer, effect.transfer,
    ),
    _rule(
        "comment", "批注", frozenset(S) - {S.MOVED}, None, _SPEAKING, Comment, effect.comment,
        needs_version=False,
    ),
    _rule(
        "attach-evidence", "附证据", OPEN | {S.CLOSED}, None, _ANYBODY, EvidenceItem,
        effect.attach_evidence, needs_version=False,
    ),
    _rule(
        "change-severity", "调整等级", OPEN, None, _JUDGING, ChangeSeverity,
        effect.change_severity,
    ),
    _rule(
        "absorb", "并入", frozenset(S) - {S.MOVED}, None, _SYSTEM, Absorb, effect.absorb,
        needs_version=False,
    ),
    _rule(
        "observe", "再次发现", OPEN, None, _SYSTEM, Observe, sighting.observe, needs_version=False
    ),
    _rule(
        "escalate", "督办", OPEN - {S.SUSPENDED}, None, _SYSTEM, Nothing, pressing.escalate,
        needs_version=False,
    ),
    _rule(
        "shorten", "预警缩短时限", OPEN - {S.SUSPENDED}, None, _SYSTEM, Shorten, pressing.shorten,
        needs_version=False,
    ),
    _rule("prove", "达标证明", OPEN, None, _SYSTEM, Prove, sighting.prove, needs_version=False),
    _rule(
        "relapse", "反弹", OPEN | {S.CLOSED}, None, _SYSTEM, Observe, sighting.relapse,
        needs_version=False, to_varies="销号后:assigned 交办(有承办单位)或 registered 立案",
    ),
    _rule(
        "add-child", "添子问题", frozenset(S) - {S.MOVED, S.MERGED}, None, _SYSTEM, AboutChild,
        told_of_child, needs_version=False,
    ),
    _rule(
        "child-changed", "子问题有变", frozenset(S) - {S.MOVED, S.MERGED}, None, _SYSTEM, AboutChild,
        told_of_child, needs_version=False,
    ),
)  # fmt: skip

RULES: Mapping[str, Rule] = {rule.command: rule for rule in _TABLE}
REGISTER_RULE, RECEIVE_RULE = "problem.register", "problem.receive"
REGISTER_ROLES = _ANYBODY | _SYSTEM
PRESSING = frozenset({"escalate", "shorten"})
"""Commands of time itself: they say what becomes of the clocks themselves."""
FOLLOWS = frozenset({"observe", "relapse", "prove", "add-child", "child-changed"})
"""Internal commands that go on to the problem that this one was merged into."""


def possible(status: Status) -> list[str]:
    """The commands that a problem in `status` can take from people, in the table's order."""
    return [r.command for r in _TABLE if status in r.sources and not r.internal]
