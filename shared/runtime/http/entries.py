"""What the three collections have in common: get one, its history, create, command."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from shared.application.ports import AnyEntry
from shared.domain.actor import ROLE_NAMES, Role
from shared.domain.decide import ALL_RULES, CREATE_BODIES
from shared.domain.entry import Kind
from shared.runtime.http.api import Api
from shared.runtime.http.commands import (
    COLLECTIONS,
    ID_LENGTH,
    change_entry,
    create_entry,
    etag_of,
    no_such_entry,
    public_commands,
)
from shared.runtime.http.headers import reader, unchanged
from shared.runtime.http.openapi import (
    command_headers,
    creation_answers,
    entry_answers,
    json_body,
    refusals,
)
from shared.runtime.http.paging import json_response, page_response, start_of
from shared.runtime.http.query import NoParameters, PageParameters, parameters, query
from shared.runtime.http.show import Show

ZH = {Kind.PROBLEM: "问题", Kind.TASK: "任务", Kind.RESPONSIBILITY: "责任"}
VARY = {"Vary": "X-Actor, X-Role"}
"""What is shown depends on who reads."""
NoQuery: TypeAlias = Annotated[NoParameters, Depends(query(NoParameters))]
PageQuery: TypeAlias = Annotated[PageParameters, Depends(query(PageParameters))]


async def existing(api: Api, kind: Kind, entry_id: str) -> AnyEntry:
    """The entry, or the refusal that says there is none."""
    found = await api.reads.entry(kind, entry_id) if len(entry_id) <= ID_LENGTH else None
    if found is None:
        raise no_such_entry(kind, entry_id)
    return found


async def add_batches(api: Api, problems: Sequence[dict[str, Any]]) -> None:
    """To shown problems that were published the number of their batch (批次)."""
    if api.batch_numbers is not None:
        found = await api.batch_numbers([problem["id"] for problem in problems])
        for problem in problems:
            if problem["id"] in found:
                problem["batch"] = found[problem["id"]]


def _nothing_made(_: str) -> dict[str, Any] | None:
    return None


def add_reads(
    router: APIRouter,
    api: Api,
    kind: Kind,
    made: Callable[[str], dict[str, Any] | None] = _nothing_made,
) -> None:
    """`made` shows an entry that is not stored but follows from a rule."""
    name, zh = COLLECTIONS[kind], ZH[kind]

    @router.get(
        f"/v1/{name}/{{id}}",
        summary=f"读一条{zh} Get one {kind.value}",
        responses=entry_answers(kind) | refusals(404),
        tags=[name],
    )
    async def get_one(id: str, request: Request, _: NoQuery) -> Response:
        actor = reader(request)
        if (by_rule := made(id)) is not None:
            return json_response(by_rule, headers={"ETag": etag_of(by_rule["version"]), **VARY})
        entry = await existing(api, kind, id)
        etag = etag_of(entry.version)
        if unchanged(request, etag):
            return Response(status_code=304, headers={"ETag": etag, **VARY})
        shown = Show(api.county, actor, api.clock.now()).entry(entry)
        if kind is Kind.PROBLEM:
            await add_batches(api, [shown])
        return json_response(shown, headers={"ETag": etag, **VARY})

    @router.get(
        f"/v1/{name}/{{id}}/history",
        summary=f"{zh}的经过 History of a {kind.value}, by rising version",
        openapi_extra=parameters(PageParameters),
        responses=refusals(400, 404),
        tags=[name],
    )
    async def get_history(id: str, request: Request, which: PageQuery) -> Response:
        actor = reader(request)
        after = start_of(request, which.cursor, (int,))
        version = after[0] if after else 0
        assert isinstance(version, int)
        await existing(api, kind, id)
        changes = await api.reads.history(id, version, which.limit + 1)
        show = Show(api.county, actor, api.clock.now())
        page = changes[: which.limit]
        end = (page[-1].version,) if len(changes) > which.limit else None
        return page_response(request, [show.change(c) for c in page], end, headers=VARY)


def add_commands(router: APIRouter, api: Api, kind: Kind) -> None:
    name, zh = COLLECTIONS[kind], ZH[kind]

    @router.post(
        f"/v1/{name}",
        summary=f"新建{zh} Create a {kind.value}",
        status_code=201,
        responses=creation_answers(kind) | refusals(400, 403, 413, 415, 422, 503),
        openapi_extra=json_body(
            CREATE_BODIES[kind],
            command_headers(version=False),
            line="required" if api.line is None and kind is Kind.PROBLEM else "optional",
        ),
        tags=[name],
    )
    async def create(request: Request, _: NoQuery) -> Response:
        return await create_entry(api, kind, request)

    for command in public_commands(kind):
        rule = ALL_RULES[kind][command]
        roles = "、".join(ROLE_NAMES[r] for r in Role if r in rule.roles and r is not Role.SYSTEM)
        router.post(
            f"/v1/{name}/{{id}}/{command}",
            summary=f"{rule.zh} {command.replace('-', ' ').capitalize()}",
            description=f"规则 rule `{rule.id}`;角色 roles:{roles}",
            operation_id=f"{kind.value}_{command.replace('-', '_')}",
            responses=entry_answers(kind) | refusals(400, 403, 404, 409, 412, 422, 428, 503),
            openapi_extra=json_body(rule.body, command_headers(rule.needs_version)),
            tags=[name],
        )(_commanding(api, kind, command))

    # Behind all known ones: a misspelt command is answered with those that there are.
    @router.post(f"/v1/{name}/{{id}}/{{command}}", include_in_schema=False)
    async def unknown(id: str, command: str, request: Request, _: NoQuery) -> Response:
        return await change_entry(api, kind, id, command, request)


def _commanding(api: Api, kind: Kind, command: str) -> Callable[..., Any]:
    async def carry_out(id: str, request: Request, _: NoQuery) -> Response:
        return await change_entry(api, kind, id, command, request)

    return carry_out
