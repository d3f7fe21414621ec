"""A request that wants something done: made into a command, handed over, answered."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from shared.application.ports import OutboxFull, Unavailable
from shared.contract.messages import Answer, Command
from shared.domain.actor import Actor
from shared.domain.decide import ALL_RULES, CREATES
from shared.domain.entry import Kind
from shared.domain.identity import entry_id_of
from shared.domain.refusal import Refused, invalid, refuse
from shared.runtime import metrics
from shared.runtime.http.api import Api
from shared.runtime.http.body import json_object
from shared.runtime.http.headers import (
    acting,
    expected_version,
    new_command_id,
    wait_seconds,
)
from shared.runtime.http.paging import json_response
from shared.runtime.http.problem_json import problem_response
from shared.runtime.http.show import Show

COLLECTIONS = {
    Kind.PROBLEM: "problems",
    Kind.TASK: "tasks",
    Kind.RESPONSIBILITY: "responsibilities",
}
ID_LENGTH = 120


def entry_path(kind: Kind, entry_id: str) -> str:
    return f"/v1/{COLLECTIONS[kind]}/{entry_id}"


def etag_of(version: int) -> str:
    return f'"{version}"'


async def create_entry(api: Api, kind: Kind, request: Request) -> Response:
    """POST to a collection: 201 with the entry, 202, or the refusal."""
    actor = acting(request)
    body = await json_object(request)
    line = _line_of(api, kind, body)
    id_ = new_command_id(request, actor)
    command = Command(
        id=id_,
        kind=kind,
        # The line is part of it: the same key meant for two lines must not make one id twice.
        entry=entry_id_of(f"{line}:{id_}"),
        name=CREATES[kind],
        body={name: value for name, value in body.items() if name != "line"},
        actor=actor,
        issued_at=api.clock.now(),
    )
    return await _submit(api, command, line, request)


async def change_entry(
    api: Api, kind: Kind, entry_id: str, name: str, request: Request
) -> Response:
    """POST to an entry's command: 200 with the entry, 202, or the refusal."""
    actor = acting(request)
    if name not in public_commands(kind):
        known = "、".join(public_commands(kind))
        raise refuse("not-found", f"没有命令“{name[:40]}”,可用:{known}")
    if len(entry_id) > ID_LENGTH:
        raise no_such_entry(kind, entry_id)
    command = Command(
        id=new_command_id(request, actor),
        kind=kind,
        entry=entry_id,
        name=name,
        body=await json_object(request),
        actor=actor,
        expected_version=expected_version(request),
        issued_at=api.clock.now(),
    )
    return await _submit(api, command, api.line, request)


def public_commands(kind: Kind) -> list[str]:
    """The commands that people can give, in the table's order."""
    return [name for name, rule in ALL_RULES[kind].items() if not rule.internal]


def no_such_entry(kind: Kind, entry_id: str) -> Refused:
    return refuse("not-found", f"没有 {entry_path(kind, entry_id[:ID_LENGTH])};请核对 id")


def _line_of(api: Api, kind: Kind, body: Mapping[str, Any]) -> str:
    """The line that a new entry goes to. A row of the plan's own belongs to its clause's line."""
    said = body.get("line")
    keys = "、".join(f"{line.key}({line.name})" for line in api.county.lines_and_desk())
    if said is None and "line" not in body:
        if api.line is not None:
            return api.line
        clause = body.get("clause")
        of_clause = api.county.line_of_clause(clause) if isinstance(clause, str) else None
        if kind is not Kind.PROBLEM and of_clause is not None:
            return of_clause.key
        raise invalid("/line", f"请写明工作线 line,可用:{keys}")
    if not isinstance(said, str) or api.county.line(said) is None:
        raise invalid("/line", f"没有工作线“{said}”,可用:{keys}")
    if api.line is not None and said != api.line:
        raise invalid("/line", f"这里是工作线 {api.line};其他工作线的条目请交给统筹网关")
    return said


async def _submit(api: Api, command: Command, line: str | None, request: Request) -> Response:
    wait = wait_seconds(request)
    try:
        answer = await api.commander.submit(command, line, wait)
    except (Unavailable, OutboxFull):
        _count(command, "unavailable")
        raise
    except Refused as refused:
        _count(command, refused.refusal.type)
        raise
    if answer is None:
        _count(command, "accepted")
        return accepted(command, wait)
    _count(command, answer.refusal.type if answer.refusal else answer.outcome)
    return answer_response(api, command.actor, answer, request.url.path)


def _count(command: Command, outcome: str) -> None:
    metrics.COMMANDS.labels(command.kind.value, command.name, outcome).inc()


def accepted(command: Command, wait: float) -> Response:
    """202: it is kept durably, and this is where its answer will be."""
    where = f"/v1/commands/{command.id}"
    body = {
        "command": command.id,
        "state": "accepted",
        "entry": command.entry,
        "location": where,
        "detail": f"已受理,{wait:g} 秒内尚无答复;请到 location 查询结果,不必重新提交",
    }
    return json_response(body, 202, {"Location": where, "Retry-After": "1"})


def answer_response(api: Api, actor: Actor | None, answer: Answer, instance: str) -> Response:
    """An answer as the caller of its command sees it."""
    if answer.refusal is not None:
        return problem_response(answer.refusal, instance)
    assert answer.entry is not None and answer.version is not None, "an applied answer has both"
    path = entry_path(answer.kind, answer.entry_id)
    created = answer.name == CREATES[answer.kind]
    return json_response(
        Show(api.county, actor, api.clock.now()).raw(answer.entry),
        201 if created else 200,
        {"ETag": etag_of(answer.version), "Location": path, "Content-Location": path},
    )
