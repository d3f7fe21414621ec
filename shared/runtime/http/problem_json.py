"""Refusals as RFC 9457 problem documents. Every error of the API leaves through here."""

from typing import Any

import orjson
from starlette.responses import Response

from shared.domain.refusal import TITLES, FieldError, Refusal, refuse

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER = {"unavailable": 2, "outbox-full": 5, "key-in-flight": 1}
"""Seconds after which trying again makes sense."""
HTTP_TITLES: dict[str, tuple[int, str]] = {
    "method-not-allowed": (405, "该地址不支持此方法 Method not allowed"),
    "not-acceptable": (406, "不能按要求的形式回答 Not acceptable"),
    "request-timeout": (408, "请求未发完 Request timeout"),
    "uri-too-long": (414, "地址过长 URI too long"),
}
"""Refusals that HTTP itself knows, beside those of the domain."""
ALL_TITLES = {**TITLES, **HTTP_TITLES}
_OWN = frozenset({"type", "title", "status", "detail", "instance", "errors"})


def problem_document(refusal: Refusal, instance: str | None) -> dict[str, Any]:
    """The members of the document; a refusal's facts become members of their own."""
    _, title = ALL_TITLES.get(refusal.type, (refusal.status, refusal.type))
    document: dict[str, Any] = {
        "type": f"/problems/{refusal.type}",
        "title": title,
        "status": refusal.status,
        "detail": refusal.detail,
    }
    if instance is not None:
        document["instance"] = instance
    if refusal.errors:
        document["errors"] = [error.model_dump() for error in refusal.errors]
    return {**document, **{k: v for k, v in refusal.facts.items() if k not in _OWN}}


def problem_response(
    refusal: Refusal, instance: str | None = None, headers: dict[str, str] | None = None
) -> Response:
    """`instance` is the path of the request."""
    more = dict(headers or {})
    if refusal.type in RETRY_AFTER or refusal.status == 503:
        more["Retry-After"] = str(RETRY_AFTER.get(refusal.type, 2))
    return Response(
        orjson.dumps(problem_document(refusal, instance)),
        refusal.status,
        media_type=PROBLEM_JSON,
        headers=more,
    )


def http_refusal(type_: str, detail: str, *errors: FieldError, **facts: Any) -> Refusal:
    """A refusal of a domain or an HTTP type."""
    if type_ in TITLES:
        return refuse(type_, detail, *errors, **facts).refusal
    status, _ = HTTP_TITLES[type_]
    return Refusal(type=type_, status=status, detail=detail, errors=errors, facts=facts)
