"""Refusals: the answers that say no, why, and what would be right. A refusal is data, not a crash."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class FieldError(BaseModel):
    """One wrong field: `pointer` is an RFC 6901 JSON pointer into the command's body."""

    model_config = ConfigDict(frozen=True)

    pointer: str
    detail: str


class Refusal(BaseModel):
    """What an RFC 9457 problem document is made from. `type` is a stable kebab-case name."""

    model_config = ConfigDict(frozen=True)

    type: str
    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()
    facts: dict[str, Any] = {}
    """Further members of the problem document, such as the commands that are possible."""


TITLES: dict[str, tuple[int, str]] = {
    "malformed": (400, "请求格式不对 Malformed request"),
    "missing-actor": (400, "未说明由谁操作 The acting person is missing"),
    "role-not-allowed": (403, "该角色不能执行此操作 Role not allowed"),
    "not-your-unit": (403, "非本单位事项 Not your unit's entry"),
    "rectifier-cannot-approve": (403, "整改单位不能自行销号 The rectifier cannot approve"),
    "not-found": (404, "没有找到 Not found"),
    "illegal-transition": (409, "当前状态不能执行此操作 Illegal transition"),
    "key-in-flight": (409, "相同幂等键的请求正在处理 Same key in flight"),
    "moved": (409, "已转办到其他工作线 Moved to another line"),
    "merge-target": (409, "不能并入该问题 Cannot merge into that problem"),
    "evidence-needed": (409, "缺少整改后证据 Evidence after rectification is needed"),
    "children-open": (409, "子问题尚未办结 Child problems are still open"),
    "seen-since": (409, "之后又有发现 Seen again since"),
    "notice-over": (409, "公示期已过 The public notice is over"),
    "nothing-due": (409, "没有待办 Nothing is due"),
    "limit-reached": (409, "已达数量上限 A bound is reached"),
    "edited-by-person": (409, "有人改过,配置包不覆盖 Edited by a person"),
    "already-exists": (409, "已存在 Already exists"),
    "stale-version": (412, "版本已过期 Stale version"),
    "too-large": (413, "请求体过大 Body too large"),
    "unsupported-media-type": (415, "不支持的内容类型 Unsupported media type"),
    "invalid-field": (422, "字段有误 Invalid field"),
    "key-reused": (422, "幂等键已用于另一请求 Key reused with another body"),
    "version-needed": (428, "缺少版本号 If-Match is required"),
    "unavailable": (503, "暂时不可用 Temporarily unavailable"),
    "outbox-full": (503, "待发事件过多 Outbox is full"),
    "internal": (500, "程序出错 Internal error"),
}
"""Every refusal there is: type → (HTTP status, title). `GET /v1/problem-types` prints it."""


class Refused(Exception):
    """Raised where a command cannot be carried out; the handler turns it into the answer."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.detail)
        self.refusal = refusal


def refuse(type_: str, detail: str, *errors: FieldError, **facts: Any) -> Refused:
    """The exception for a refusal of a known type; the status comes from the table."""
    status, _ = TITLES[type_]
    return Refused(Refusal(type=type_, status=status, detail=detail, errors=errors, facts=facts))


def invalid(pointer: str, detail: str) -> Refused:
    """The refusal of one field."""
    return refuse("invalid-field", detail, FieldError(pointer=pointer, detail=detail))
