"""plan.yaml: the plan itself, clause by clause: text, departments, targets."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from shared.declaration.county.base import (
    ClauseId,
    DepartmentCode,
    ItemId,
    PackModel,
    TargetId,
    Text,
    wrong,
)
from shared.domain.responsibility import Part
from shared.domain.task import Operator

Wording = Literal["鼓励", "力争", "基本", "原则上"]
"""Words that make a demand softer: encouraged, strive for, basically, in principle."""


class Baseline(PackModel):
    """What a target is measured from."""

    year: int = Field(ge=2000, le=2100)
    value: float
    """In the unit of the target."""
    note: Text | None = None


class Target(PackModel):
    """One number or one date that the plan sets."""

    id: TargetId
    name: Text
    quote: Text
    """The words of the plan that set it."""
    operator: Operator
    value: float | None = None
    unit: Text | None = None
    """As the plan writes it; None where the plan gives none."""
    ucum: Text | None = None
    """The same unit in UCUM."""
    deadline: date | None = None
    """The last day (Asia/Shanghai) in time; None where it holds all the time (滚动)."""
    baseline: Baseline | None = None
    wording: tuple[Wording, ...] = ()
    note: Text | None = None

    @model_validator(mode="after")
    def _says_enough(self) -> Self:
        if self.operator == "by":
            if self.deadline is None:
                raise wrong("“by”目标没有时限", "写明 deadline，例如 2025-12-31")
            if self.value is not None or self.unit is not None or self.baseline is not None:
                raise wrong(
                    "“by”目标只有时限，不能有数值", '去掉 value、unit、baseline，或改用 ">="、"<="'
                )
        elif self.value is None:
            raise wrong(f"“{self.operator}”目标没有数值", "写明 value，例如 85")
        if self.ucum is not None and self.unit is None:
            raise wrong("有 ucum 而没有 unit", "写明方案里的单位 unit")
        return self


class Work(PackModel):
    """A part of a clause that is a task of its own and has neither number nor date."""

    id: TargetId
    quote: Text


class Clause(PackModel):
    """One responsibility bracket and the text before it."""

    id: ClauseId
    text: Text
    bracket: Text
    """The bracket's own words, without its parentheses."""
    lead: tuple[DepartmentCode, ...] = ()
    shared: tuple[DepartmentCode, ...] = ()
    support: tuple[DepartmentCode, ...] = ()
    open_list: bool = False
    """The bracket ends its list with 等: others may be responsible too."""
    wording: tuple[Wording, ...] = ()
    targets: tuple[Target, ...] = ()
    work: tuple[Work, ...] = ()

    @property
    def joint_lead(self) -> bool:
        """Several departments lead together (牵头 after more than one name)."""
        return len(self.lead) > 1

    def parts(self) -> tuple[tuple[Part, DepartmentCode], ...]:
        """Every department with its part, in the order of the bracket."""
        return (
            *((Part.LEAD, code) for code in self.lead),
            *((Part.SHARED, code) for code in self.shared),
            *((Part.SUPPORT, code) for code in self.support),
        )


class Item(PackModel):
    id: ItemId
    section: Text | None = None
    title: Text
    clauses: tuple[Clause, ...] = Field(min_length=1)


class TownRule(PackModel):
    """Towns and parks carry out every clause of the items; no rows are kept for them."""

    said_in: ClauseId
    wording: Text


class Goals(PackModel):
    """The headline targets (总体要求), which stand before all clauses."""

    title: Text
    text: Text
    carried_by: ClauseId
    """The clause whose departments answer for them."""
    targets: tuple[Target, ...] = ()


class Plan(PackModel):
    goals: Goals
    towns_and_parks: TownRule
    items: tuple[Item, ...] = Field(min_length=1)
    safeguards: tuple[Item, ...] = ()

    def all_items(self) -> tuple[Item, ...]:
        return (*self.items, *self.safeguards)

    def clauses(self) -> tuple[Clause, ...]:
        return tuple(clause for item in self.all_items() for clause in item.clauses)
