"""A limit of standards.yaml: which value of which quantity makes an event, and who says so."""

import operator
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from shared.declaration.county.about import Mark
from shared.declaration.county.base import PackModel, Text, shaped, wrong
from shared.domain.quantities import QUANTITIES

OTHER_QUANTITIES: dict[str, tuple[tuple[str, ...], str]] = {
    "duration": (("s", "min", "h", "d", "mo"), "时长"),
    "distance": (("m", "km"), "距离"),
    "area": (("m2",), "面积"),
    "count": (("1",), "次数、个数或名次"),
    "ratio": (("1", "%"), "倍数、比值或比例"),
    "weight": (("1",), "权重"),
    "confidence": (("%", "1"), "可信度"),
    "stage": (("{stage}",), "排放阶段（国几）"),
    "power": (("MW", "kW"), "功率"),
    "amount": (("t",), "数量"),
}
"""What limits speak of beside measured quantities: code → (units, the first usual; name)."""

_COMPARE = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}

LimitId = Annotated[
    str,
    AfterValidator(
        shaped(
            r"[a-z][a-z0-9]*(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*){2,3}",
            "限值编号",
            "dust.dustfall.monthly",
        )
    ),
]
Averaging = Annotated[
    str, AfterValidator(shaped(r"[1-9]\d{0,2}(min|h|d|mo|a)", "平均时间", "1h、24h、1mo 或 1a"))
]


def units_of(quantity: str) -> tuple[str, ...] | None:
    """The units (UCUM) in which a limit of `quantity` may stand; None for an unknown quantity."""
    if quantity in QUANTITIES:
        return (QUANTITIES[quantity][0],)
    return OTHER_QUANTITIES[quantity][0] if quantity in OTHER_QUANTITIES else None


class Effective(PackModel):
    """From the first day to the day on which it no longer holds (Asia/Shanghai)."""

    effective_from: date | None = None
    """None: as far back as any data goes."""
    effective_to: date | None = None
    """The first day on which it no longer holds, as a follower's `effective_from`."""

    @model_validator(mode="after")
    def _has_a_day(self) -> Self:
        start, end = self.effective_from, self.effective_to
        if start and end and end <= start:
            raise wrong(
                f"失效日 {end} 不晚于生效日 {start} / ends before it begins",
                "effective_to 写不再适用的第一天",
            )
        return self

    def in_force(self, day: date) -> bool:
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_to is None or day < self.effective_to
        )

    def overlaps(self, other: "Effective") -> bool:
        first, last = date.min, date.max
        return (self.effective_from or first) < (other.effective_to or last) and (
            other.effective_from or first
        ) < (self.effective_to or last)


class Limit(Effective):
    """`reading operator value` is the event: `>` 80 speaks when a reading is above 80."""

    id: LimitId
    line: str
    """Key of the line whose signals it is about, or `all`."""
    quantity: str
    operator: Literal[">", ">=", "<", "<=", "="]
    """`=`: no threshold but a parameter of a rule, such as a weight."""
    value: float
    unit: str
    """UCUM; the quantity's own, so that a reading is compared with nothing else."""
    averaging: Averaging | None = None
    """None: a single reading, or nothing that is averaged."""
    standard: Text | None = None
    """Number of the standard or document; None where none says so."""
    mark: Mark
    note: Text

    @model_validator(mode="after")
    def _in_its_unit(self) -> Self:
        units = units_of(self.quantity)
        if units is None:
            known = "、".join((*QUANTITIES, *OTHER_QUANTITIES))
            raise wrong(f"没有监测项 {self.quantity} / unknown quantity", f"可用：{known}")
        if self.unit not in units:
            raise wrong(
                f"{self.quantity} 的单位不能是 {self.unit} / wrong unit",
                f"换算后以 {' 或 '.join(units)} 填写",
            )
        return self

    def meets(self, value: float, unit: str) -> bool:
        """Whether a reading makes the event. Raises ValueError for another unit: it is never
        converted."""
        if unit != self.unit:
            raise ValueError(
                f"{self.id}: 读数单位 {unit} 与限值单位 {self.unit} 不同，不作换算 / wrong unit"
            )
        return bool(_COMPARE[self.operator](value, self.value))
