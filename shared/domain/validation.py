"""Pydantic's complaints, said so that a clerk knows what to do."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared.domain.refusal import FieldError, Refused, refuse

M = TypeVar("M", bound=BaseModel)

_WORDS: dict[str, str] = {
    "missing": "必填,未填写",
    "extra_forbidden": "没有这个字段,请检查拼写或删除",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "最多 {max_length} 个字",
    "string_type": "应为文字",
    "string_pattern_mismatch": "格式应为 {pattern}",
    "too_long": "最多 {max_length} 项",
    "enum": "应为 {expected} 之一",
    "literal_error": "应为 {expected} 之一",
    "float_parsing": "应为数字",
    "float_type": "应为数字",
    "finite_number": "应为有限的数字",
    "int_parsing": "应为整数",
    "bool_parsing": "应为 true 或 false",
    "greater_than_equal": "应不小于 {ge}",
    "less_than_equal": "应不大于 {le}",
    "timezone_aware": "时间须带时区,如 2026-11-23T09:00:00+08:00",
    "datetime_parsing": "时间应为 RFC 3339 格式,如 2026-11-23T09:00:00+08:00",
    "datetime_from_date_parsing": "时间应为 RFC 3339 格式,如 2026-11-23T09:00:00+08:00",
    "date_from_datetime_parsing": "日期应为 YYYY-MM-DD,如 2026-11-23",
    "date_parsing": "日期应为 YYYY-MM-DD,如 2026-11-23",
    "value_error": "{error}",
}


def field_errors(error: ValidationError, under: str = "") -> tuple[FieldError, ...]:
    """Each complaint with its JSON pointer; at most 50, so that an answer stays readable."""
    return tuple(
        FieldError(pointer=under + _pointer(complaint["loc"]), detail=_say(complaint))
        for complaint in error.errors(include_url=False, include_input=False)[:50]
    )


def _pointer(location: tuple[int | str, ...]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def _say(complaint: Mapping[str, Any]) -> str:
    words = _WORDS.get(complaint["type"])
    if words is None:
        return str(complaint["msg"])
    try:
        return words.format(**complaint.get("ctx", {}))
    except (KeyError, IndexError):
        return str(complaint["msg"])


def parse(model: type[M], raw: Any) -> M:
    """`raw` as the model, or a refusal that names every wrong field."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise unfit(error) from None


def unfit(error: ValidationError) -> Refused:
    errors = field_errors(error)
    said = "；".join(f"{e.pointer or '/'}:{e.detail}" for e in errors[:5])
    return refuse("invalid-field", said, *errors)
