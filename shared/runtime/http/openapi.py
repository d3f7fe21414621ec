"""The API's own description: schemas from the domain's models, so that it cannot lag behind them."""

from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import models_json_schema

from shared.domain.decide import ALL_RULES, CREATE_BODIES, ENTRY_TYPES
from shared.domain.entry import Kind
from shared.domain.refusal import FieldError
from shared.runtime.http.problem_json import ALL_TITLES, PROBLEM_JSON

Json = dict[str, Any]
Responses = dict[int | str, Json]


class ProblemDocument(BaseModel):
    """RFC 9457. Some types have further members, such as `possible` or `version`."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: list[FieldError] = []


def _with_line(model: type[BaseModel], required: bool) -> type[BaseModel]:
    field: Any = (str, ...) if required else (str | None, Field(default=None))
    name = f"{model.__name__}{'AtLine' if required else 'WithLine'}"
    return create_model(name, __base__=model, line=field)


_CREATES = {
    (model, said): _with_line(model, said == "required")
    for model in CREATE_BODIES.values()
    for said in ("required", "optional")
}
_BODIES = {rule.body for rules in ALL_RULES.values() for rule in rules.values()}
_INPUTS: list[type[BaseModel]] = sorted(_BODIES | set(_CREATES.values()), key=lambda m: m.__name__)
_OUTPUTS: list[type[BaseModel]] = [*ENTRY_TYPES.values(), ProblemDocument]
_REFS, _DEFINITIONS = models_json_schema(
    [*((m, "validation") for m in _INPUTS), *((m, "serialization") for m in _OUTPUTS)],
    ref_template="#/components/schemas/{model}",
)


def _ref(model: type[BaseModel], mode: Literal["validation", "serialization"]) -> Json:
    return dict(_REFS[(model, mode)])


def _header(name: str, description: str, example: str, required: bool = False) -> Json:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string"},
        "example": example,
    }


def actor_headers() -> list[Json]:
    """The headers that say who acts."""
    return [
        _header("X-Actor", "操作人编号 who acts", "zhang.san", required=True),
        _header("X-Role", "角色 role", "line_lead", required=True),
        _header("X-Unit", "所在单位代码 unit", "housing"),
        _header("X-Actor-Name", "姓名,百分号编码 name, percent-encoded", "%E5%BC%A0%E4%B8%89"),
    ]


def command_headers(version: bool) -> list[Json]:
    """The headers of a changing request; `version`: whether If-Match is required."""
    return [
        *actor_headers(),
        _header("Idempotency-Key", "重试时不变的键 the same for a retry", "2026-11-23-0001"),
        _header("Prefer", "最长等待秒数 0–30 longest wait", "wait=5"),
        *(
            [_header("If-Match", "所见版本 the version seen", '"3"', required=True)]
            if version
            else ()
        ),
    ]


def json_body(
    model: type[BaseModel], headers: list[Json], line: Literal["required", "optional"] | None = None
) -> Json:
    """`openapi_extra` of a changing route; `line`: whether a creation names its line."""
    shown = _CREATES[(model, line)] if line else model
    required = any(field.is_required() for field in shown.model_fields.values())
    content = {"application/json": {"schema": _ref(shown, "validation")}}
    return {"parameters": headers, "requestBody": {"required": required, "content": content}}


def entry_answers(kind: Kind) -> Responses:
    return {200: _entry(kind, "第 n 版,ETag 为其版本 the entry; ETag is its version")}


def creation_answers(kind: Kind) -> Responses:
    return {
        201: _entry(kind, "已建立 created"),
        202: {"description": "已受理,见 Location accepted"},
    }


def _entry(kind: Kind, description: str) -> Json:
    schema = _ref(ENTRY_TYPES[kind], "serialization")
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def page_answers(kind: Kind) -> Responses:
    items = {"type": "array", "items": _ref(ENTRY_TYPES[kind], "serialization")}
    following = {"type": ["string", "null"], "description": "下一页地址 the next page"}
    total = {"type": "integer", "description": "count=true 时 only with count=true"}
    schema = {
        "type": "object",
        "required": ["items", "next"],
        "properties": {"items": items, "next": following, "total": total},
    }
    return {
        200: {"description": "一页 a page", "content": {"application/json": {"schema": schema}}}
    }


def answers(description: str, media_type: str) -> Responses:
    """A 200 without a schema of its own."""
    return {200: {"description": description, "content": {media_type: {}}}}


def refusals(*statuses: int) -> Responses:
    """The problem documents that a route may answer with."""
    return {
        status: {
            "description": " · ".join(
                f"{title} (`{name}`)"
                for name, (code, title) in ALL_TITLES.items()
                if code == status
            ),
            "content": {PROBLEM_JSON: {"schema": _ref(ProblemDocument, "serialization")}},
        }
        for status in statuses
    }


ANY_REFUSAL: Responses = {
    "default": {
        "description": "RFC 9457 problem document",
        "content": {PROBLEM_JSON: {"schema": _ref(ProblemDocument, "serialization")}},
    }
}


def describe(app: FastAPI) -> Json:
    """The OpenAPI 3.1 document of `app`."""
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(_DEFINITIONS["$defs"])
    return document
