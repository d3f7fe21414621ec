"""One decision: (entry, command) → the next version, or a refusal that says what is possible."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from shared.domain.actor import ROLE_NAMES, Role
from shared.domain.context import Context
from shared.domain.entry import Entry, Kind
from shared.domain.problem import STATUS_NAMES, Problem, Status
from shared.domain.problem_bodies import Assign, Extend, Register
from shared.domain.problem_clocks import clocks_after, due_of
from shared.domain.problem_register import check_report, first_version
from shared.domain.problem_rules import FOLLOWS, PRESSING, REGISTER_ROLES, RULES, possible
from shared.domain.refusal import refuse
from shared.domain.responsibility import Responsibility
from shared.domain.responsibility_rules import (
    RESPONSIBILITY_KEEPERS,
    RESPONSIBILITY_RULES,
    CreateResponsibility,
    first_responsibility,
)
from shared.domain.rule import Rule
from shared.domain.task import Task
from shared.domain.task_clocks import task_clocks
from shared.domain.task_rules import TASK_KEEPERS, TASK_RULES, CreateTask, first_task
from shared.domain.validation import parse

ALL_RULES: Mapping[Kind, Mapping[str, Rule]] = {
    Kind.PROBLEM: RULES,
    Kind.TASK: TASK_RULES,
    Kind.RESPONSIBILITY: RESPONSIBILITY_RULES,
}
CREATES: Mapping[Kind, str] = {
    Kind.PROBLEM: "register",
    Kind.TASK: "create",
    Kind.RESPONSIBILITY: "create",
}
"""The command that makes an entry of each kind."""
CREATE_BODIES: Mapping[Kind, type[BaseModel]] = {
    Kind.PROBLEM: Register,
    Kind.TASK: CreateTask,
    Kind.RESPONSIBILITY: CreateResponsibility,
}
ENTRY_TYPES: Mapping[Kind, type[Problem] | type[Task] | type[Responsibility]] = {
    Kind.PROBLEM: Problem,
    Kind.TASK: Task,
    Kind.RESPONSIBILITY: Responsibility,
}
_CREATE_ROLES: Mapping[Kind, frozenset[Role]] = {
    Kind.PROBLEM: REGISTER_ROLES,
    Kind.TASK: TASK_KEEPERS,
    Kind.RESPONSIBILITY: RESPONSIBILITY_KEEPERS,
}


@dataclass(frozen=True)
class Decision:
    """What a command does: the entry after it, the rule that allowed it, and what was said."""

    entry: Entry
    rule: str
    reason: str | None
    body: BaseModel


def entry_from(raw: Mapping[str, Any]) -> Problem | Task | Responsibility:
    """An entry from its stored or transmitted form."""
    return ENTRY_TYPES[Kind(raw["kind"])].model_validate(raw)


def check_create(kind: Kind, raw: Mapping[str, Any], context: Context) -> BaseModel:
    """The validated body of a creating command; refuses before a number is drawn."""
    check_may_create(kind, context.actor.role)
    body = parse(CREATE_BODIES[kind], raw)
    if isinstance(body, Register):
        check_report(body, context)
    return body


def check_may_create(kind: Kind, role: Role) -> None:
    """Refuses a role that may make no entry of this kind."""
    _check_role(_CREATE_ROLES[kind], CREATES[kind], role)


def create(kind: Kind, entry_id: str, number: str, body: BaseModel, context: Context) -> Decision:
    """The first version of an entry. `number` is a problem's; the other kinds have none."""
    match body:
        case Register():
            first = first_version(entry_id, number, body, context)
            entry: Entry = _timed(CREATES[kind], None, first, body, context)
        case CreateTask():
            entry = _timed(CREATES[kind], None, first_task(entry_id, body, context), body, context)
        case CreateResponsibility():
            entry = first_responsibility(entry_id, body, context)
        case _:
            raise TypeError(f"no entry is made from a {type(body).__name__}")
    return Decision(entry, f"{kind}.{CREATES[kind]}", None, body)


def decide(
    entry: Problem | Task | Responsibility,
    command: str,
    raw: Mapping[str, Any],
    expected_version: int | None,
    context: Context,
) -> Decision:
    """The next version of `entry`, or `Refused`.

    The checks come in the order in which a person would want to hear of them: is there such a
    command, may I, is the entry still here, is the state right, did I see the latest version,
    is what I wrote right.
    """
    rule = ALL_RULES[entry.kind].get(command)
    if rule is None or (rule.internal and context.actor.role is not Role.SYSTEM):
        known = "、".join(c for c, r in ALL_RULES[entry.kind].items() if not r.internal)
        raise refuse("not-found", f"没有命令“{command}”,可用:{known}")
    _check_role(rule.roles, rule.zh, context.actor.role)
    if isinstance(entry, Problem):
        _check_state(entry, rule)
    if rule.own_unit:
        _check_unit(entry, context)
    _check_version(entry, rule, expected_version, context)
    body = parse(rule.body, raw)
    fields = dict(rule.apply(entry, body, context))
    if rule.to is not None:
        fields.setdefault("status", Status(rule.to))
    after = entry.model_copy(
        update={
            **fields,
            "version": entry.version + 1,
            "updated_at": context.now,
            "updated_by": context.actor,
        }
    )
    after = _timed(command, entry, after, body, context)
    return Decision(after, rule.id, getattr(body, "reason", None), body)


AnyEntry = Problem | Task | Responsibility


def _timed(
    command: str, before: AnyEntry | None, after: AnyEntry, body: BaseModel, context: Context
) -> AnyEntry:
    """`after` with its clocks: they follow from every command in the same way."""
    match before, after:
        case _ if command in PRESSING:
            return _with_due(after)
        case ((Problem() | None), Problem()):
            named = body.due_at if isinstance(body, Assign | Extend) else None
            fields = clocks_after(command, before, after, context, named)
            return after.model_copy(update=dict(fields))
        case ((Task() | None), Task()):
            return after.model_copy(update={"clocks": task_clocks(before, after, context)})
    return after


def _with_due(after: AnyEntry) -> AnyEntry:
    if isinstance(after, Problem):
        return after.model_copy(update={"due_at": due_of(after, after.clocks)})
    return after


def _check_role(roles: frozenset[Role], what: str, role: Role) -> None:
    if role not in roles:
        allowed = "、".join(ROLE_NAMES[r] for r in Role if r in roles and r is not Role.SYSTEM)
        raise refuse(
            "role-not-allowed",
            f"“{ROLE_NAMES[role]}”({role})不能执行“{what}”;可由以下角色执行:{allowed or '系统'}",
            roles=sorted(r.value for r in roles if r is not Role.SYSTEM),
        )


def _check_state(problem: Problem, rule: Rule) -> None:
    if problem.status in rule.sources:
        return
    if problem.status is Status.MOVED:
        raise refuse(
            "moved",
            f"问题已转办到“{problem.moved_to}”,请在那里操作",
            moved_to=problem.moved_to,
        )
    can = possible(problem.status)
    goes_on = rule.command in FOLLOWS and problem.status is Status.MERGED
    raise refuse(
        "illegal-transition",
        f"问题处于“{STATUS_NAMES[problem.status]}”({problem.status}),不能“{rule.zh}”"
        f"({rule.command});此时可以:{'、'.join(can)}",
        state=problem.status.value,
        command=rule.command,
        possible=can,
        **({"merged_into": problem.merged_into} if goes_on else {}),
    )


def _check_unit(entry: Problem | Task | Responsibility, context: Context) -> None:
    actor = context.actor
    if actor.role not in (Role.DEPARTMENT, Role.TOWN):
        return
    if actor.unit is None or not entry.concerns(actor.unit):
        said = context.directory.unit_name(actor.unit) if actor.unit else None
        raise refuse(
            "not-your-unit",
            f"该事项没有交给“{said or actor.unit or '(未填 X-Unit)'}”;只有承办、协办单位或属地可以操作",
        )


def _check_version(
    entry: Entry, rule: Rule, expected_version: int | None, context: Context
) -> None:
    if expected_version is None:
        if rule.needs_version and context.actor.role is not Role.SYSTEM:
            raise refuse(
                "version-needed",
                '请在 If-Match 写明所见版本,如 If-Match: "3";版本见该条目的 ETag',
                version=entry.version,
            )
    elif expected_version != entry.version:
        raise refuse(
            "stale-version",
            f"您看到的是第 {expected_version} 版,现为第 {entry.version} 版;请重新读取后再操作",
            version=entry.version,
        )
