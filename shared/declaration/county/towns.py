"""towns.yaml: the towns and streets (镇、街道) with the codes of the statistics bureau."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from shared.declaration.county.base import PackModel, Text, shaped, wrong
from shared.declaration.county.mark import Mark
from shared.declaration.county.outline import Outline


class Seat(PackModel):
    """Where the town's office stands, WGS-84 degrees; only with a source and its mark.

    A place whose town nobody named and no outline tells belongs to the nearest seat, as a guess.
    """

    lon: float = Field(ge=73, le=136)
    lat: float = Field(ge=3, le=54)
    mark: Mark
    source: Text


class Town(PackModel):
    code: Annotated[str, AfterValidator(shaped(r"\d{9}", "乡级代码（9 位）", '"370828101"'))]
    code12: Annotated[
        str, AfterValidator(shaped(r"\d{12}", "统计用区划代码（12 位）", '"370828101000"'))
    ]
    name: Text
    aliases: tuple[Text, ...] = ()
    seat: Seat | None = None
    outline: Outline | None = None

    @model_validator(mode="after")
    def _codes_agree(self) -> Self:
        if self.code12 != self.code + "000":
            raise wrong(
                f"12 位代码 {self.code12} 与 9 位代码 {self.code} 不符", f'写成 "{self.code}000"'
            )
        return self


class TownsFile(PackModel):
    source: Text
    towns: tuple[Town, ...] = Field(min_length=1)
