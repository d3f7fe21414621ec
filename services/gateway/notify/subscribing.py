"""What a person writes to subscribe, held against the county and the format; and what is shown."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.gateway.notify.address import URL_MOST, Network, check_url, masked
from services.gateway.notify.concerns import ADDRESSEES, EVENTS
from services.gateway.notify.patience import SOUND_FAILURES
from services.gateway.notify.signing import key_of, new_secret
from shared.application.notifying.webhook import EVERYTHING, Filters, Format, Health, Webhook
from shared.declaration.county.county import County
from shared.domain.actor import ROLE_NAMES, Role
from shared.domain.reading import Severity
from shared.domain.refusal import FieldError, invalid, refuse

VALUES_MOST = 50
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=URL_MOST)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern="^[!-~]+$")]
Keyword = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]
Codes = Annotated[list[Code], Field(max_length=VALUES_MOST)]
_EVENTS = "事件(规则名),见 GET /v1/webhook-events;* 为全部 rule names, * for all"


class WebhookBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name = Field(description="名称 name")
    url: Url = Field(description="接收地址 https:// 或 http:// where to")
    format: Format = Field(
        default=Format.TENLINES,
        description="tenlines JSON、wecom 企业微信群机器人、dingtalk 钉钉群机器人",
    )
    events: Annotated[Codes, Field(min_length=1, description=_EVENTS)]
    lines: Codes = Field(default=[], description="只要这些工作线;空为全部 lines")
    towns: Codes = Field(default=[], description="只要这些镇街/园区 towns")
    units: Codes = Field(default=[], description="只要涉及这些单位 units with any part in it")
    roles: list[Role] = Field(default=[], max_length=10, description="只要与这些角色有关 for whom")
    severity: Severity | None = Field(default=None, description="最低等级 the least severity")
    secret: Secret | None = Field(
        default=None,
        description="签名密钥,只写不读;tenlines 留空则生成并只显示一次;dingtalk 填 SEC… "
        "write only; generated and shown once for tenlines",
    )
    keyword: Keyword | None = Field(
        default=None, description="机器人要求每条消息都含的关键词 the robot's keyword"
    )
    active: bool = Field(default=True, description="是否启用 whether it is told anything")


class WebhookPatch(BaseModel):
    """Only what is written changes; the format never does."""

    model_config = ConfigDict(extra="forbid")

    name: Name = ""
    url: Url = ""
    events: Annotated[Codes, Field(min_length=1)] = []
    lines: Codes = []
    towns: Codes = []
    units: Codes = []
    roles: Annotated[list[Role], Field(max_length=10)] = []
    severity: Severity | None = None
    secret: Secret | None = Field(
        default=None, description="null:tenlines 换新密钥并只显示一次,dingtalk 改为不签名"
    )
    keyword: Keyword | None = None
    active: bool = True


_FILTERS = frozenset(Filters.model_fields)


def subscribed(
    body: WebhookBody, id_: str, now: datetime, county: County, networks: Sequence[Network]
) -> tuple[Webhook, bool]:
    """The webhook, and whether its secret was made here and must be shown. Refuses."""
    secret, made = _secret(body.format, body.secret)
    webhook = Webhook(
        id=id_,
        name=body.name,
        url=body.url,
        format=body.format,
        filters=_checked(Filters.model_validate(body.model_dump(include=set(_FILTERS))), county),
        secret=secret,
        keyword=body.keyword,
        active=body.active,
        created_at=now,
        updated_at=now,
        since=now,
        digest=digest_of(body),
    )
    check_url(webhook.url, networks)
    _check_keyword(webhook)
    return webhook, made


def changed(
    before: Webhook, patch: WebhookPatch, now: datetime, county: County, networks: Sequence[Network]
) -> tuple[Webhook, bool, bool]:
    """(the next version, whether its secret was made here, whether its health begins anew)."""
    said = patch.model_dump(exclude_unset=True)
    filters = before.filters.model_copy(
        update=Filters.model_validate(
            {**before.filters.model_dump(), **{k: v for k, v in said.items() if k in _FILTERS}}
        ).model_dump()
    )
    own = {name: value for name, value in said.items() if name not in _FILTERS}
    made = False
    if "secret" in said:
        own["secret"], made = _secret(before.format, patch.secret)
    if said.get("active") and not before.active:
        own["since"] = now
    after = before.model_copy(
        update={
            **own,
            "filters": _checked(Filters.model_validate(filters.model_dump()), county),
            "version": before.version + 1,
            "updated_at": now,
        }
    )
    check_url(after.url, networks)
    _check_keyword(after)
    anew = after.url != before.url or "secret" in said or (after.active and not before.active)
    return after, made, anew


def digest_of(body: WebhookBody) -> str:
    """SHA-256 of what was asked for: the same key with another request is refused."""
    meaning = orjson.dumps(body.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(meaning).hexdigest()


def _secret(format_: Format, said: str | None) -> tuple[str | None, bool]:
    match format_:
        case Format.TENLINES:
            if said is None:
                return new_secret(), True
            try:
                key_of(said)
            except ValueError as error:
                raise invalid("/secret", str(error)) from None
        case Format.WECOM:
            if said is not None:
                raise invalid("/secret", "企业微信群机器人不签名,密钥(key)在 url 里;请去掉 secret")
        case Format.DINGTALK:
            pass
    return said, False


def _check_keyword(webhook: Webhook) -> None:
    if webhook.keyword is not None and not webhook.format.robot:
        raise invalid("/keyword", "关键词只用于群机器人;tenlines 格式请去掉 keyword")


def _checked(filters: Filters, county: County) -> Filters:
    """With every code known, and towns by the code that entries carry."""
    errors: list[FieldError] = []

    def each(name: str, codes: Sequence[str], known: Callable[[str], bool], where: str) -> None:
        errors.extend(
            FieldError(pointer=f"/{name}/{at}", detail=f"{name}:没有“{code}”,可用的见 {where}")
            for at, code in enumerate(codes)
            if not known(code)
        )

    each("events", filters.events, lambda e: e == EVERYTHING or e in EVENTS,
         "GET /v1/webhook-events,或 *")  # fmt: skip
    each("lines", filters.lines, lambda c: county.line(c) is not None, "GET /v1/lines")
    each("towns", filters.towns, lambda c: county.town(c) is not None, "GET /v1/towns")
    each("units", filters.units, lambda c: county.unit_name(c) is not None,
         "GET /v1/departments 和 /v1/towns")  # fmt: skip
    roles = "、".join(f"{role}({ROLE_NAMES[role]})" for role in ADDRESSEES)
    errors += [
        FieldError(pointer=f"/roles/{at}", detail=f"roles:不能是“{role}”,可用:{roles}")
        for at, role in enumerate(filters.roles)
        if role not in ADDRESSEES
    ]
    if errors:
        raise refuse("invalid-field", "；".join(e.detail for e in errors[:5]), *errors[:50])
    towns = [found.code for code in filters.towns if (found := county.town(code))]
    lists: dict[str, Sequence[Any]] = {
        "events": filters.events,
        "lines": filters.lines,
        "towns": towns,
        "units": filters.units,
        "roles": filters.roles,
    }
    return filters.model_copy(
        update={name: tuple(dict.fromkeys(values)) for name, values in lists.items()}
    )


def shown(webhook: Webhook, now: datetime, secret: bool = False) -> dict[str, Any]:
    """Without its secret, and without what its URL says in confidence."""
    answer: dict[str, Any] = {
        "id": webhook.id,
        "name": webhook.name,
        "url": masked(webhook.url),
        "format": webhook.format.value,
        **webhook.filters.model_dump(mode="json"),
        "keyword": webhook.keyword,
        "signed": webhook.secret is not None,
        "active": webhook.active,
        "version": webhook.version,
        "created_at": webhook.created_at.isoformat(),
        "updated_at": webhook.updated_at.isoformat(),
        "health": {
            "state": _state(webhook.health, now),
            **webhook.health.model_dump(mode="json"),
        },
    }
    if secret:
        answer["secret"] = webhook.secret
    return answer


def _state(health: Health, now: datetime) -> str:
    """`ok` · `trouble` (it failed just now) · `failing` (for long: tried only rarely) · `paused`
    (it asked us to wait)."""
    held = health.held_until is not None and health.held_until > now
    if health.failures > SOUND_FAILURES:
        return "failing"
    if health.failures:
        return "trouble"
    return "paused" if held else "ok"
