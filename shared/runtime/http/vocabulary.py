"""/v1/transitions and /v1/problem-types: the rules and the refusals, printed from their tables."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from shared.domain.actor import ROLE_NAMES, Role
from shared.domain.decide import ALL_RULES, CREATES
from shared.domain.entry import Kind
from shared.domain.problem import OPEN, STATUS_NAMES, TIMED, Status
from shared.domain.problem_rules import REGISTER_ROLES, REGISTER_RULE
from shared.domain.refusal import refuse
from shared.domain.responsibility_rules import RESPONSIBILITY_KEEPERS
from shared.domain.rule import Rule
from shared.domain.task_rules import TASK_KEEPERS
from shared.runtime.http.entries import NoQuery
from shared.runtime.http.openapi import refusals
from shared.runtime.http.paging import json_response
from shared.runtime.http.problem_json import ALL_TITLES


def vocabulary_router() -> APIRouter:
    router = APIRouter(tags=["vocabulary"])

    @router.get("/v1/transitions", summary="流转规则 Who may do what from which state")
    async def get_transitions(_: NoQuery) -> Response:
        return json_response(transitions())

    @router.get("/v1/problem-types", summary="错误类型 The types of errors")
    async def get_problem_types(_: NoQuery) -> Response:
        return json_response({"items": [_type(name) for name in ALL_TITLES], "next": None})

    @router.get(
        "/problems/{name}", summary="一个错误类型 One type of error", responses=refusals(404)
    )
    async def get_problem_type(name: str, _: NoQuery) -> Response:
        if name not in ALL_TITLES:
            raise refuse("not-found", f"没有错误类型“{name[:40]}”,全部见 GET /v1/problem-types")
        return json_response(_type(name))

    return router


def transitions() -> dict[str, Any]:
    """`items` are a problem's; tasks and responsibilities have commands but no states."""
    return {
        "items": [
            _creation(REGISTER_RULE, "立案", Kind.PROBLEM, REGISTER_ROLES, Status.REGISTERED),
            *_rules(Kind.PROBLEM),
        ],
        "next": None,
        "tasks": [
            _creation("task.create", "新建任务", Kind.TASK, TASK_KEEPERS),
            *_rules(Kind.TASK),
        ],
        "responsibilities": [
            _creation(
                "responsibility.create", "新建责任", Kind.RESPONSIBILITY, RESPONSIBILITY_KEEPERS
            ),
            *_rules(Kind.RESPONSIBILITY),
        ],
        "states": [
            {"code": s.value, "zh": zh, "open": s in OPEN, "timed": s in TIMED}
            for s, zh in STATUS_NAMES.items()
        ],
        "roles": [
            {"code": r.value, "zh": zh} for r, zh in ROLE_NAMES.items() if r is not Role.SYSTEM
        ],
    }


def _rules(kind: Kind) -> list[dict[str, Any]]:
    return [_rule(rule) for rule in ALL_RULES[kind].values() if not rule.internal]


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "command": rule.command,
        "zh": rule.zh,
        "from": [s.value for s in Status if s in rule.sources],
        "to": str(rule.to) if rule.to is not None else None,
        "to_varies": rule.to_varies or None,
        "roles": _roles(rule.roles),
        "own_unit": rule.own_unit,
        "needs_version": rule.needs_version,
    }


def _creation(
    id_: str, zh: str, kind: Kind, roles: frozenset[Role], to: Status | None = None
) -> dict[str, Any]:
    return {
        "id": id_,
        "command": CREATES[kind],
        "zh": zh,
        "from": [],
        "to": to.value if to else None,
        "to_varies": None,
        "roles": _roles(roles),
        "own_unit": False,
        "needs_version": False,
    }


def _roles(roles: frozenset[Role]) -> list[str]:
    return [r.value for r in Role if r in roles and r is not Role.SYSTEM]


def _type(name: str) -> dict[str, Any]:
    status, title = ALL_TITLES[name]
    return {"type": f"/problems/{name}", "name": name, "status": status, "title": title}
