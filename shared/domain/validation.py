"""Pydantic's complaints, said so that a clerk knows what to do."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared.domain.refusal import FieldError, Refused, refuse

M = TypeVar("M", bound=BaseModel)

_OBJECT = '应为对象,如 {{"字段": 值}}'
_LIST = "应为列表"
_NUMBER = "应为数字"
_WHOLE = "应为整数"
_YES_NO = "应为 true 或 false"
_TIME = "时间应为 RFC 3339 格式,如 2026-11-23T09:00:00+08:00"
_DATE = "日期应为 YYYY-MM-DD,如 2026-11-23"
_WORDS: dict[str, str] = {
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), _OBJECT),
    **dict.fromkeys(("tuple_type", "list_type"), _LIST),
    **dict.fromkeys(("float_parsing", "float_type"), _NUMBER),
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float"), _WHOLE),
    **dict.fromkeys(("bool_parsing", "bool_type"), _YES_NO),
    **dict.fromkeys(
        (
            "datetime_parsing",
            "datetime_type",
            "datetime_from_date_parsing",
            "datetime_object_invalid",
        ),
        _TIME,
    ),
    **dict.fromkeys(
        (
            "date_parsing",
            "date_type",
            "date_from_datetime_parsing",
            "date_from_datetime_inexact",
        ),
        _DATE,
    ),
    "missing": "必填,未填写",
    "extra_forbidden": "没有这个字段,请检查拼写或删除",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "最多 {max_length} 个字",
    "string_type": "应为文字",
    "string_pattern_mismatch": "格式应为 {pattern}",
    "too_long": "最多 {max_length} 项",
    "enum": "应为 {expected} 之一",
    "literal_error": "应为 {expected} 之一",
    "finite_number": "应为有限的数字",
    "greater_than_equal": "应不小于 {ge}",
    "less_than_equal": "应不大于 {le}",
    "timezone_aware": "时间须带时区,如 2026-11-23T09:00:00+08:00",
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
        return f"填写有误 {complaint['msg']}"
    return words.format(**complaint.get("ctx", {}))


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
