"""county.yaml: which county it is, which edition of its pack, and where it lies."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from shared.declaration.county.base import PackModel, Text, shaped, wrong
from shared.declaration.county.mark import Mark
from shared.declaration.county.outline import Outline

__all__ = ["About", "Boundary", "Document", "Edition", "Mark", "Park"]


class Edition(PackModel):
    """An edition of the pack: the number rises with every change, the day says from when on."""

    number: int = Field(ge=1)
    effective_date: date
    """First day (Asia/Shanghai) on which what it says holds."""


class Document(PackModel):
    """The plan that the pack was made from."""

    number: Text
    title: Text
    issuer: Text
    issued_on: date


class Boundary(PackModel):
    """A box in WGS-84 degrees around the county. It stands in for the outline where there is none."""

    west: float = Field(ge=73, le=136)
    south: float = Field(ge=3, le=54)
    east: float = Field(ge=73, le=136)
    north: float = Field(ge=3, le=54)
    mark: Mark
    source: Text
    outline: Outline | None = None

    @model_validator(mode="after")
    def _has_an_inside(self) -> Self:
        if not (self.west < self.east and self.south < self.north):
            raise wrong("范围是空的 / the box is empty", "须 west < east 且 south < north")
        return self

    def contains(self, lon: float, lat: float) -> bool:
        return self.west <= lon <= self.east and self.south <= lat <= self.north


class Park(PackModel):
    """An industrial park (产业园, 管委会): it has no code of the state, so it gets one of ours."""

    code: Annotated[str, AfterValidator(shaped(r"P\d{2}", "园区代码", "P01"))]
    name: Text
    aliases: tuple[Text, ...] = ()


class About(PackModel):
    name: Text
    name_en: Text
    code: Annotated[str, AfterValidator(shaped(r"\d{6}", "县级行政区划代码", '"370828"'))]
    timezone: Literal["Asia/Shanghai"]
    """Days are cut here; written down so that nobody has to guess, and no other is supported."""
    pack: Edition
    document: Document
    boundary: Boundary
    parks: tuple[Park, ...] = ()
