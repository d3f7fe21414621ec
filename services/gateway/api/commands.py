"""`GET /v1/commands/{id}`: what became of a command."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.live_model import LiveModel
from services.gateway.replies import Replies
from shared.adapters.mongo.sent import Sent
from shared.domain.refusal import refuse
from shared.runtime.http.api import Api
from shared.runtime.http.commands import ID_LENGTH, entry_path
from shared.runtime.http.entries import VARY
from shared.runtime.http.headers import reader
from shared.runtime.http.openapi import refusals
from shared.runtime.http.paging import json_response
from shared.runtime.http.problem_json import problem_document
from shared.runtime.http.show import Show


def commands_router(api: Api, model: LiveModel, replies: Replies) -> APIRouter:
    router = APIRouter()

    @router.get(
        "/v1/commands/{id}",
        summary="命令的结果 State and answer of a command",
        description="state:pending 尚无答复、applied 已执行、refused 被拒绝;保留 30 天。",
        responses=refusals(404, 503),
        tags=["commands"],
    )
    async def get_command(id: str, request: Request) -> Response:
        show = Show(api.county, reader(request), api.clock.now())
        sent = (await model.current.sent([id])).get(id) if len(id) <= ID_LENGTH else None
        if sent is not None:
            return json_response(_shown(sent, show), headers=VARY)
        if replies.is_waiting(id):
            return json_response({"command": id, "state": "pending", "answer": None})
        raise refuse("not-found", f"没有命令“{id[:ID_LENGTH]}”;结果保留 30 天,请核对编号")

    return router


def _shown(sent: Sent, show: Show) -> dict[str, Any]:
    answer, command = sent.answer, sent.command
    known = answer or command
    assert known is not None
    entry = answer.entry_id if answer else command.entry if command else ""
    body: dict[str, Any] = {
        "command": sent.id,
        "state": answer.outcome if answer else "pending",
        "name": known.name,
        "kind": known.kind.value,
        "line": sent.line,
        "entry": entry,
        "location": entry_path(known.kind, entry),
        "at": sent.at.isoformat(),
        "answer": None,
    }
    if answer is not None and answer.refusal is not None:
        body["answer"] = problem_document(answer.refusal, f"/v1/commands/{sent.id}")
    elif answer is not None and answer.entry is not None:
        body["answer"] = {
            "version": answer.version,
            "rule": answer.rule,
            "entry": show.raw(answer.entry),
        }
    return body
