"""The AQI part of standards.yaml: one edition of HJ 633 with its breakpoints, as an office writes it."""

from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from shared.declaration.county.about import Mark
from shared.declaration.county.base import PackModel, Text, shaped, wrong
from shared.declaration.county.limits import Averaging, Effective
from shared.domain.aqi_table import AqiTable, Column, Level
from shared.domain.quantities import QUANTITIES

StandardName = Annotated[
    str, AfterValidator(shaped(r"[A-Z]+\d+(\.\d+)?-\d{4}", "标准号", "HJ633-2026"))
]
ColumnId = Annotated[str, AfterValidator(shaped(r"[a-z0-9]+-\d+h", "列名", "pm25-24h"))]


class AqiColumn(PackModel):
    id: ColumnId
    quantity: str
    averaging: Averaging
    unit: str
    breakpoints: tuple[float, ...] = Field(min_length=2)
    beyond: int | None
    """The IAQI above the last breakpoint; null: not counted."""
    plausible: tuple[float, float]
    """Smallest value above zero and largest value that can be meant in this unit."""

    measurable: float | None = None
    """The most that an analyser can show; narrows `plausible` where the unit is in doubt."""

    @model_validator(mode="after")
    def _rises_in_its_unit(self) -> Self:
        known = QUANTITIES.get(self.quantity)
        if known is None:
            raise wrong(
                f"没有监测项 {self.quantity} / unknown quantity", "可用：" + "、".join(QUANTITIES)
            )
        if self.unit != known[0]:
            raise wrong(
                f"{self.quantity} 的单位不能是 {self.unit} / wrong unit", f"写成 {known[0]}"
            )
        if self.breakpoints[0] != 0 or not _rising(self.breakpoints):
            raise wrong("限值点须从 0 起逐个增大 / breakpoints must rise from 0", "核对标准原表")
        if not _rising((0, *self.plausible)) or self.plausible[1] < self.breakpoints[-1]:
            raise wrong(
                "合理范围须为 [最小, 最大]，且不小于最后一个限值点 / plausible range",
                f"最大值不小于 {self.breakpoints[-1]:g}",
            )
        low, high = self.plausible
        if self.measurable is not None and not low < self.measurable <= high:
            raise wrong(
                "measurable 不在合理范围内 / outside of plausible",
                f"写 {low:g} 到 {high:g} 之间的数",
            )
        return self

    def column(self) -> Column:
        return Column(
            quantity=self.quantity,
            averaging=self.averaging,
            unit=self.unit,
            breakpoints=tuple(map(_exact, self.breakpoints)),
            beyond=self.beyond,
            plausible_from=_exact(self.plausible[0]),
            plausible_to=_exact(self.plausible[1]),
            measurable_to=_exact(self.measurable or self.plausible[1]),
        )


class AqiLevel(PackModel):
    up_to: int = Field(ge=1)
    name: Text


class HourColumns(PackModel):
    """Which column serves which concentration of an hour."""

    pm25: ColumnId
    pm10: ColumnId
    so2: ColumnId
    no2: ColumnId
    co: ColumnId
    o3_1h: ColumnId


class DayColumns(PackModel):
    """Which column serves which concentration of a day."""

    pm25: ColumnId
    pm10: ColumnId
    so2: ColumnId
    no2: ColumnId
    co: ColumnId
    o3_8h: ColumnId


class AqiStandard(Effective):
    standard: StandardName
    title: Text
    mark: Mark
    source: Text
    note: Text | None = None
    hour_particulates: Literal["1h", "24h"]
    incomplete_from: int = Field(ge=0)
    levels: tuple[AqiLevel, ...] = Field(min_length=1)
    iaqi: tuple[int, ...] = Field(min_length=2)
    columns: tuple[AqiColumn, ...]
    hour: HourColumns
    day: DayColumns

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.iaqi[0] != 0 or not _rising(self.iaqi):
            raise wrong("iaqi 须从 0 起逐个增大 / iaqi must rise from 0", "核对标准原表")
        if not _rising(tuple(level.up_to for level in self.levels)):
            raise wrong("levels 的 up_to 须逐级增大 / levels must rise", "从优到严重逐级写")
        if self.levels[-1].up_to < self.iaqi[-1]:
            raise wrong(
                f"最后一级只到 {self.levels[-1].up_to} / levels end too early",
                f"写到 {self.iaqi[-1]}",
            )
        for column in self.columns:
            if len(column.breakpoints) > len(self.iaqi):
                raise wrong(
                    f"{column.id} 的限值点比 iaqi 多 / too many breakpoints",
                    f"不超过 {len(self.iaqi)} 个",
                )
        self._columns_serve()
        return self

    def _columns_serve(self) -> None:
        known = {column.id: column.quantity for column in self.columns}
        if len(known) < len(self.columns):
            raise wrong("columns 里有重复的 id / a column twice", "每列一个 id")
        for part in (self.hour, self.day):
            for name, wanted in part.model_dump().items():
                quantity = known.get(wanted)
                if quantity is None:
                    raise wrong(
                        f"columns 里没有 {wanted} / unknown column", "可用：" + "、".join(known)
                    )
                if quantity != name.split("_")[0]:
                    raise wrong(
                        f"{name} 用不了 {wanted} 列 / another pollutant's column",
                        f"选 {name.split('_')[0]} 的列",
                    )

    @cached_property
    def table(self) -> AqiTable:
        columns = {column.id: column.column() for column in self.columns}
        return AqiTable(
            standard=self.standard,
            steps=self.iaqi,
            hour={name: columns[used] for name, used in self.hour.model_dump().items()},
            day={name: columns[used] for name, used in self.day.model_dump().items()},
            hour_particulates=self.hour_particulates,
            incomplete_from=self.incomplete_from,
            levels=tuple(
                Level(number, level.up_to, level.name)
                for number, level in enumerate(self.levels, 1)
            ),
        )


def _rising(values: tuple[float, ...]) -> bool:
    return all(low < high for low, high in pairwise(values))


def _exact(value: float) -> Decimal:
    """The number as it is written in the file, not its binary neighbour."""
    return Decimal(repr(value))
