"""Query parameters as a model: unknown ones, doubled ones and wrong values are refused in words.

FastAPI ignores what it does not know; a clerk whose filter is misspelt would see all problems and
take them for the filtered ones.
"""

from collections.abc import Awaitable, Callable, Collection
from datetime import date, datetime
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from shared.domain.moments import day_end, day_start, to_utc_millis
from shared.domain.refusal import refuse
from shared.domain.validation import parse

M = TypeVar("M", bound=BaseModel)
LIMIT_MOST = 200
VALUES_MOST = 50


class NoParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PageParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=50, ge=1, le=LIMIT_MOST, description="每页条数 entries a page")
    cursor: str | None = Field(
        default=None, max_length=2000, description="上一页 next 里的位置 where the last page ended"
    )


class ListParameters(PageParameters):
    count: bool = Field(default=False, description="同时给出总数 total / add the exact total")


PAGING = frozenset(ListParameters.model_fields)
"""What says which part of a list is wanted: nothing for those who take all of it."""


def query(
    model: type[M], without: Collection[str] = frozenset()
) -> Callable[[Request], Awaitable[M]]:
    """A dependency that reads the query string as `model`, of which it takes nothing `without`."""
    fields = [name for name in model.model_fields if name not in without]
    lists = {name for name, f in model.model_fields.items() if get_origin(f.annotation) is list}

    async def read(request: Request) -> M:
        given = request.query_params
        unknown = sorted(set(given) - set(fields))
        if unknown:
            known = "、".join(fields) or "(无)"
            raise refuse(
                "malformed",
                f"没有查询参数 {'、'.join(unknown)[:200]};可用:{known}",
                unknown=unknown[:20],
                known=fields,
            )
        raw: dict[str, Any] = {}
        for name in set(given):
            values = given.getlist(name)
            if name not in lists and len(values) > 1:
                raise refuse("malformed", f"查询参数 {name} 只能写一次")
            raw[name] = values if name in lists else values[0]
        return parse(model, raw)

    return read


def parameters(model: type[BaseModel], without: Collection[str] = frozenset()) -> dict[str, Any]:
    """The same for OpenAPI: the `openapi_extra` of a route."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    return {
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", ()),
                "description": said.pop("description", ""),
                "schema": _inlined({k: v for k, v in said.items() if k != "title"}, definitions),
            }
            for name, said in schema.get("properties", {}).items()
            if name not in without
        ]
    }


def inlined_schema(model: type[BaseModel]) -> dict[str, Any]:
    """A model's JSON schema without references, for a body that no component describes."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})
    inlined: dict[str, Any] = _inlined(schema, definitions)
    return inlined


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    match schema:
        case {"$ref": str(reference), **rest}:
            return {**_inlined(definitions[reference.rsplit("/", 1)[1]], definitions), **rest}
        case dict():
            return {key: _inlined(value, definitions) for key, value in schema.items()}
        case list():
            return [_inlined(value, definitions) for value in schema]
    return schema


def from_moment_or_day(said: Any) -> Any:
    """A moment as it stands; a day (Asia/Shanghai) as its beginning, in UTC."""
    day = _day(said)
    return day_start(day) if day else _with_plus(said)


def to_moment_or_day(said: Any) -> Any:
    """An exclusive end: a moment as it stands; a day (Asia/Shanghai) as its end, in UTC."""
    day = _day(said)
    return day_end(day) if day else _with_plus(said)


def _day(said: Any) -> date | None:
    try:
        return date.fromisoformat(said) if len(said) == 10 else None
    except ValueError:
        return None


def _with_plus(said: str) -> datetime:
    """In a query string `+` means a space: `…T09:00:00 08:00` was meant as `+08:00`."""
    try:
        moment = datetime.fromisoformat(said.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("应为日期(2026-11-23,按北京时间)或带时区的时间(2026-11-23T09:00:00+08:00)")
    return to_utc_millis(moment)
