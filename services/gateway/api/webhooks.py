"""`/v1/webhooks`: who outside is told of changes, and of which."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.notify.concerns import CONCERNS, EVENTS
from services.gateway.notify.notify import Office
from services.gateway.notify.subscribing import (
    WebhookBody,
    WebhookPatch,
    changed,
    digest_of,
    shown,
    subscribed,
)
from shared.application.notifying.webhook import Webhook
from shared.domain.actor import ROLE_NAMES, Actor, Role
from shared.domain.identity import derived
from shared.domain.refusal import refuse
from shared.domain.validation import parse
from shared.runtime.http.api import Api
from shared.runtime.http.body import json_object
from shared.runtime.http.commands import ID_LENGTH, etag_of
from shared.runtime.http.entries import VARY, NoQuery
from shared.runtime.http.headers import acting, expected_version, new_command_id
from shared.runtime.http.openapi import command_headers, refusals
from shared.runtime.http.paging import json_response
from shared.runtime.http.query import inlined_schema

MOST = 200
_KEEPERS = (Role.COORDINATOR, Role.LINE_LEAD)


async def led_lines(api: Api, actor: Actor) -> frozenset[str] | None:
    """The lines whose webhooks the actor keeps; None: all of them. Refuses others."""
    if actor.role not in _KEEPERS:
        names = "、".join(ROLE_NAMES[role] for role in _KEEPERS)
        raise refuse(
            "role-not-allowed",
            f"“{ROLE_NAMES[actor.role]}”({actor.role})不能管理消息推送;可由以下角色:{names}",
            roles=[role.value for role in _KEEPERS],
        )
    if actor.role is Role.COORDINATOR:
        return None
    cards, unit = await api.cards(), actor.unit
    return frozenset(c.key for c in cards if unit and unit in (*c.leads, *c.co_leads))


def _keeps(webhook: Webhook, led: frozenset[str] | None) -> bool:
    lines = webhook.filters.lines
    return led is None or (bool(lines) and led.issuperset(lines))


def check_keeps(webhook: Webhook, led: frozenset[str] | None) -> None:
    if not _keeps(webhook, led):
        own = "、".join(sorted(led or ())) or "(无)"
        raise refuse(
            "not-your-unit",
            f"工作线牵头单位只能管理本线的推送,lines 请写明本单位牵头的工作线:{own}",
        )


async def kept(api: Api, office: Office, webhook_id: str, actor: Actor) -> Webhook:
    """The webhook, where the actor keeps it; else the refusal."""
    led = await led_lines(api, actor)
    found = await office.webhooks.get(webhook_id) if len(webhook_id) <= ID_LENGTH else None
    if found is None:
        raise refuse("not-found", f"没有 /v1/webhooks/{webhook_id[:ID_LENGTH]};见 GET /v1/webhooks")
    check_keeps(found, led)
    return found


def webhooks_router(api: Api, office: Office) -> APIRouter:
    router = APIRouter(tags=["webhooks"])

    @router.get("/v1/webhook-events", summary="可订阅的事件 The events and whom each concerns")
    async def get_events(_: NoQuery) -> Response:
        items = [
            {"event": rule, "zh": zh, "for": [role.value for role in CONCERNS.get(rule, ())]}
            for rule, zh in EVENTS.items()
        ]
        return json_response({"items": items, "next": None})

    @router.get(
        "/v1/webhooks",
        summary="消息推送 Webhooks",
        description=f"至多 {MOST} 个,按建立先后;统筹协调看全部,工作线牵头看本线的。"
        "密钥和 url 的查询参数不显示。",
        responses=refusals(400, 403, 503),
    )
    async def get_webhooks(request: Request, _: NoQuery) -> Response:
        led, now = await led_lines(api, acting(request)), api.clock.now()
        items = [shown(w, now) for w in await office.webhooks.all() if _keeps(w, led)]
        return json_response({"items": items, "next": None}, headers=VARY)

    @router.post(
        "/v1/webhooks",
        summary="新建推送 Subscribe",
        description="答复中的 secret 只在生成时显示这一次。只推送建立之后的变动。",
        status_code=201,
        openapi_extra=_body(WebhookBody, version=False),
        responses=refusals(400, 403, 409, 413, 415, 422, 503),
    )
    async def post_webhook(request: Request, _: NoQuery) -> Response:
        actor = acting(request)
        led = await led_lines(api, actor)
        body = parse(WebhookBody, await json_object(request))
        id_ = derived("webhook", new_command_id(request, actor))
        webhook, made = subscribed(body, id_, api.clock.now(), api.county, office.networks)
        check_keeps(webhook, led)
        added = await office.webhooks.add(webhook, MOST)
        if added is None:
            raise refuse("limit-reached", f"最多 {MOST} 个推送;请先删除不再需要的")
        if added:
            return _answer(webhook, api.clock.now(), 201, secret=made)
        held = await office.webhooks.get(id_)
        if held is None or held.digest != digest_of(body):
            raise refuse(
                "key-reused",
                "该幂等键(Idempotency-Key)已用于内容不同的请求;请换一个新的键",
            )
        return _answer(held, api.clock.now(), 201)

    @router.get(
        "/v1/webhooks/{id}",
        summary="读一个推送 Get one webhook",
        description="health.state:ok 正常、trouble 刚有失败、failing 长期失败(很少再试)、"
        "paused 接收端要求暂缓。",
        responses=refusals(400, 403, 404, 503),
    )
    async def get_webhook(id: str, request: Request, _: NoQuery) -> Response:
        return _answer(await kept(api, office, id, acting(request)), api.clock.now())

    @router.patch(
        "/v1/webhooks/{id}",
        summary="修改推送 Change a webhook",
        description="只改写明的字段;secret 写 null 换新密钥。重新启用后只推送此后的变动。",
        openapi_extra=_body(WebhookPatch, version=True),
        responses=refusals(400, 403, 404, 412, 413, 415, 422, 428, 503),
    )
    async def patch_webhook(id: str, request: Request, _: NoQuery) -> Response:
        actor = acting(request)
        before = await kept(api, office, id, actor)
        seen = _seen(request, before)
        patch = parse(WebhookPatch, await json_object(request))
        now = api.clock.now()
        after, made, anew = changed(before, patch, now, api.county, office.networks)
        check_keeps(after, await led_lines(api, actor))
        if not await office.webhooks.replace(seen, after, anew=anew):
            raise refuse("stale-version", "刚被他人修改;请重新读取后再操作")
        held = await office.webhooks.get(id)
        office.dispatcher.wake()
        return _answer(held or after, now, secret=made)

    @router.delete(
        "/v1/webhooks/{id}",
        summary="删除推送 Unsubscribe",
        description="连同其推送记录一起删除,未发的不再发。",
        status_code=204,
        openapi_extra={"parameters": command_headers(version=True)},
        responses=refusals(400, 403, 404, 412, 428, 503),
    )
    async def delete_webhook(id: str, request: Request, _: NoQuery) -> Response:
        before = await kept(api, office, id, acting(request))
        if not await office.webhooks.remove(id, _seen(request, before)):
            raise refuse("stale-version", "刚被他人修改或删除;请重新读取后再操作")
        await office.deliveries.remove_all(id)
        return Response(status_code=204)

    @router.post(
        "/v1/webhooks/{id}/test",
        summary="发一条测试消息 Send a test message",
        description="立即发送并等待结果(至多约 10 秒);outcome:delivered 收到、failed 失败、"
        "limited 接收端要求暂缓、gone 已停收。不重试,不记入推送记录。",
        openapi_extra={"parameters": command_headers(version=False)},
        responses=refusals(400, 403, 404, 409, 503),
    )
    async def post_test(id: str, request: Request, _: NoQuery) -> Response:
        webhook = await kept(api, office, id, acting(request))
        if webhook.format.robot:
            turn = await office.dispatcher.turn(webhook)
            if not turn.granted:
                raise refuse(
                    "limit-reached",
                    f"机器人每分钟只收有限条消息,请在 {turn.free_at.isoformat()} 之后再试",
                    free_at=turn.free_at.isoformat(),
                )
        outcome = await office.sender.send_test(webhook)
        if outcome.means.value == "delivered":
            await office.webhooks.went_well(id, api.clock.now())
            office.dispatcher.wake()
        attempt = outcome.attempt.model_dump(mode="json")
        return json_response({"outcome": outcome.means.value, **attempt})

    return router


def _seen(request: Request, held: Webhook) -> int:
    """The version in If-Match, where it is the one that stands."""
    seen = expected_version(request)
    if seen is None:
        raise refuse(
            "version-needed",
            '请在 If-Match 写明所见版本,如 If-Match: "3";版本见该推送的 ETag',
            version=held.version,
        )
    if seen != held.version:
        raise refuse(
            "stale-version",
            f"您看到的是第 {seen} 版,现为第 {held.version} 版;请重新读取后再操作",
            version=held.version,
        )
    return seen


def _answer(webhook: Webhook, now: datetime, status: int = 200, secret: bool = False) -> Response:
    headers = {"ETag": etag_of(webhook.version), "Cache-Control": "no-store", **VARY}
    if status == 201:
        headers["Location"] = f"/v1/webhooks/{webhook.id}"
    return json_response(shown(webhook, now.astimezone(UTC), secret), status, headers)


def _body(model: type[WebhookBody] | type[WebhookPatch], version: bool) -> dict[str, Any]:
    schema = {"application/json": {"schema": inlined_schema(model)}}
    return {
        "parameters": command_headers(version=version),
        "requestBody": {"required": True, "content": schema},
    }
