"""`POST /v1/problems/bulk/{command}`: one command for many problems, answered one by one."""

import asyncio
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from shared.application.ports import OutboxFull, Unavailable
from shared.contract.messages import Answer, Command
from shared.domain.actor import Actor
from shared.domain.entry import Kind
from shared.domain.identity import derived
from shared.domain.refusal import Refusal, Refused, refuse
from shared.domain.validation import parse
from shared.runtime.http.api import Api
from shared.runtime.http.body import json_object
from shared.runtime.http.commands import etag_of, public_commands
from shared.runtime.http.errors import unavailable
from shared.runtime.http.headers import acting, new_command_id, wait_seconds
from shared.runtime.http.openapi import command_headers, refusals
from shared.runtime.http.paging import json_response
from shared.runtime.http.problem_json import problem_document

MOST = 200
AT_ONCE = 16


class BulkItem(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=120)
    version: int | None = Field(default=None, ge=1)


class BulkBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    items: list[BulkItem] = Field(min_length=1, max_length=MOST)
    body: dict[str, Any] = Field(default_factory=dict)


def bulk_router(api: Api) -> APIRouter:
    """To be included before the problems' own router, which would take `bulk` for an id."""
    router = APIRouter()

    @router.post(
        "/v1/problems/bulk/{command}",
        summary="批量操作 One command for many problems",
        description=f"至多 {MOST} 条,每条写明 id 和所见版本 version;body 同单条命令。"
        "逐条答复,次序与提交相同;status 为单条时的状态码。",
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": BulkBody.model_json_schema()}},
            },
            "parameters": command_headers(version=False),
        },
        responses=refusals(400, 404, 413, 415, 422),
        tags=["problems"],
    )
    async def carry_out_all(command: str, request: Request) -> Response:
        actor = acting(request)
        known = public_commands(Kind.PROBLEM)
        if command not in known:
            raise refuse("not-found", f"没有命令“{command[:40]}”,可用:{'、'.join(known)}")
        said = parse(BulkBody, await json_object(request))
        ids = [item.id for item in said.items]
        double = sorted({i for i in ids if ids.count(i) > 1})
        if double:
            raise refuse("malformed", f"同一问题只能写一次:{'、'.join(double[:5])}")
        whole = new_command_id(request, actor)
        clock = asyncio.get_running_loop().time
        deadline = clock() + wait_seconds(request)
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(item: BulkItem) -> dict[str, Any]:
            async with turns:
                each = _command(api, whole, command, said, item, actor)
                return await _carry_out(api, each, max(0.0, deadline - clock()))

        return json_response({"items": await asyncio.gather(*map(one, said.items))})

    return router


def _command(
    api: Api, whole: str, name: str, said: BulkBody, item: BulkItem, actor: Actor
) -> Command:
    return Command(
        # A retry of the whole under the same key repeats each item under the same id.
        id=derived("bulk", whole, item.id),
        kind=Kind.PROBLEM,
        entry=item.id,
        name=name,
        body=said.body,
        actor=actor,
        expected_version=item.version,
        issued_at=api.clock.now(),
    )


async def _carry_out(api: Api, command: Command, wait: float) -> dict[str, Any]:
    try:
        answer = await api.commander.submit(command, api.line, wait)
    except Refused as refused:
        return _refused(command, refused.refusal)
    except (Unavailable, OutboxFull) as error:
        return _refused(command, unavailable(error))
    if answer is None:
        where = f"/v1/commands/{command.id}"
        return {"id": command.entry, "status": 202, "command": command.id, "location": where}
    return _answered(command, answer)


def _answered(command: Command, answer: Answer) -> dict[str, Any]:
    if answer.refusal is not None:
        return _refused(command, answer.refusal)
    assert answer.version is not None
    return {
        "id": command.entry,
        "status": 200,
        "command": command.id,
        "version": answer.version,
        "etag": etag_of(answer.version),
        "state": (answer.entry or {}).get("status"),
    }


def _refused(command: Command, refusal: Refusal) -> dict[str, Any]:
    problem = problem_document(refusal, f"/v1/problems/{command.entry}/{command.name}")
    return {
        "id": command.entry,
        "status": refusal.status,
        "command": command.id,
        "problem": problem,
    }
