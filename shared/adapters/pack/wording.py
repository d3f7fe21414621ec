"""Validation errors of pydantic in words that the office understands, with what would be right."""

from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from shared.declaration.county.rules.fault import Where


def in_words(error: ErrorDetails, root: type[BaseModel]) -> tuple[str, str]:
    """The message and what would be right."""
    context = error.get("ctx", {})
    given = error["input"]
    match error["type"]:
        case "pack":
            return str(context["message"]), str(context["right"])
        case "missing":
            return "缺少这一项 / required", f"补上 {error['loc'][-1]}"
        case "extra_forbidden":
            return "没有这一项 / unknown field", _what_was_meant(error["loc"], root)
        case "string_type":
            return f"{given!r} 不是文字 / not text", f'加上引号："{given}"'
        case "string_pattern_mismatch":
            return "文字首尾不能有空格或换行 / space around the text", "去掉首尾空白，写成一行"
        case "string_too_short":
            return "不能为空 / empty", "写明内容"
        case "string_too_long":
            return "太长 / too long", f"不超过 {context['max_length']} 字"
        case "literal_error":
            return f"“{given}”不在可选值中 / not allowed", f"可用：{context['expected']}"
        case "int_type" | "int_parsing" | "int_from_float":
            return f"{given!r} 不是整数 / not a whole number", "写成不带引号的整数，例如 2"
        case "float_type" | "float_parsing" | "finite_number":
            return f"{given!r} 不是数字 / not a number", "写成不带引号的数字，例如 66.6"
        case "bool_type" | "bool_parsing":
            return f"{given!r} 不是是非值 / not a boolean", "写成 true 或 false"
        case (
            "date_type"
            | "date_parsing"
            | "date_from_datetime_inexact"
            | ("date_from_datetime_parsing")
        ):
            return f"{given!r} 不是日期 / not a date", "写成 2025-12-31"
        case "tuple_type":
            return "不是列表 / not a list", "每行一个“- …”，或写成 [a, b]"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "不是“键: 值”的结构 / not a mapping", "按“键: 值”逐行写"
        case "too_short":
            return "列表太短 / too few", f"至少 {context['min_length']} 个"
        case "greater_than_equal":
            return f"{given} 太小 / too small", f"不小于 {context['ge']}"
        case "less_than_equal":
            return f"{given} 太大 / too large", f"不大于 {context['le']}"
        case other:
            return f"{error['msg']} / {other}", "改成这个字段要求的样子"


def _what_was_meant(where: Where, root: type[BaseModel]) -> str:
    model = _model_at(root, where[:-1])
    known = list(model.model_fields) if model else []
    close = get_close_matches(str(where[-1]), known, n=1)
    return f"是否 {close[0]}" if close else "可用：" + "、".join(known)


def _model_at(root: type[BaseModel], where: Where) -> type[BaseModel] | None:
    """The model whose fields are allowed at `where`."""
    found: type[BaseModel] | None = root
    for step in where:
        if isinstance(step, int):
            continue
        if found is None or step not in found.model_fields:
            return None
        found = _model_in(found.model_fields[step].annotation)
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside `X`, `X | None` or `tuple[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (tuple, Annotated, UnionType, Union):
        return next(filter(None, map(_model_in, get_args(annotation))), None)
    return None
