"""lines.yaml: the ten lines and the coordinator's desk: names, leads and items of the plan."""

from typing import Annotated

from pydantic import AfterValidator, Field

from shared.declaration.county.about import Mark
from shared.declaration.county.base import (
    ClauseId,
    DepartmentCode,
    ItemId,
    PackModel,
    Text,
    shaped,
)


class CountyLine(PackModel):
    """What the county says of a line; what the line can do is said in its service."""

    key: str
    name: Text
    name_en: Text
    prefix: Annotated[
        str, AfterValidator(shaped(r"[^\s\-/]{1,8}", "编号前缀", "扬尘（1–8 字，无空格和连字符）"))
    ]
    """First part of a problem's number, as in 扬尘-2026-00001."""
    name_mark: Mark
    lead_mark: Mark
    leads: tuple[DepartmentCode, ...] = Field(min_length=1)
    co_leads: tuple[DepartmentCode, ...] = ()
    support: tuple[DepartmentCode, ...] = ()
    items: tuple[ItemId, ...] = ()
    co_watch: tuple[ClauseId, ...] = ()
    """Clauses of other lines in which this one has an interest too. The desk watches all."""
    note: Text | None = None


class LinesFile(PackModel):
    lines: tuple[CountyLine, ...]
    desk: CountyLine
