"""What every part of a pack has in common: nothing unknown, nothing guessed, nothing changed."""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError


class PackModel(BaseModel):
    """Strict, because a YAML `14.10` is the number 14.1: a code must be written as text."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^\S(.*\S)?$")]
"""One line of text without space at its ends, at most 2000 characters."""


def wrong(message: str, right: str) -> PydanticCustomError:
    """An error that says what is wrong and what would be right."""
    return PydanticCustomError("pack", "{message}", {"message": message, "right": right})


def shaped(pattern: str, what: str, example: str) -> Callable[[str], str]:
    """A validator of codes: `what` names the code, `example` shows its shape."""
    compiled = re.compile(pattern)

    def check(code: str) -> str:
        if compiled.fullmatch(code) is None:
            raise wrong(f"“{code}”不是{what}", f"写成 {example} 的样子")
        return code

    return check


ItemId = Annotated[str, AfterValidator(shaped(r"S?[1-9]\d?", "条目编号", '"14" 或 "S1"'))]
ClauseId = Annotated[
    str, AfterValidator(shaped(r"S?[1-9]\d?\.[1-9]\d?", "条款编号", '"14.2" 或 "S3.1"'))
]
TargetId = Annotated[
    str,
    AfterValidator(shaped(r"(G|S?[1-9]\d?\.[1-9]\d?)-[1-9]\d?", "目标编号", '"14.2-1" 或 "G-1"')),
]
DepartmentCode = Annotated[
    str, AfterValidator(shaped(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "部门代码", "public-security"))
]
"""Pieces of row ids, so they cannot hold a dot or a space."""


def bare(text: str) -> str:
    """`text` without any white space: how two quotations of one plan are compared."""
    return re.sub(r"\s+", "", text)
