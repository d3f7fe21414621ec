"""clocks.yaml: how long things may take, what a warning shortens, and how the county presses."""

from datetime import timedelta
from typing import Literal

from pydantic import Field, field_validator, model_validator

from shared.declaration.county.base import PackModel, Text, wrong
from shared.declaration.county.keys import LINE_KEYS
from shared.declaration.county.mark import Mark
from shared.domain.allowance import Allowance
from shared.domain.deadlines import ClockKind
from shared.domain.escalation import RANK, EscalationLevel, Ladder, StepRule, Told
from shared.domain.reading import Severity
from shared.domain.timing import AlertRule, AllowanceRow

_LINES = (*LINE_KEYS, "coordination")


def _known_lines(lines: tuple[str, ...] | None) -> tuple[str, ...] | None:
    for line in lines or ():
        if line not in _LINES:
            raise wrong(f"没有工作线 {line} / no such line", f"可用 one of: {'、'.join(_LINES)}")
    return lines


class AllowanceLine(PackModel):
    """One row of the matrix; what it does not name fits all."""

    lines: tuple[str, ...] | None = Field(default=None, min_length=1, max_length=11)
    severities: tuple[Severity, ...] | None = Field(default=None, min_length=1)
    sources: tuple[str, ...] | None = Field(default=None, min_length=1, max_length=20)
    categories: tuple[str, ...] | None = Field(default=None, min_length=1, max_length=40)
    respond: Allowance | None = None
    feed_back: Allowance | None = None
    rectify: Allowance | None = None
    inspect: Allowance | None = None
    mark: Mark
    source: Text | None = None
    note: Text | None = None

    _lines = field_validator("lines")(_known_lines)

    @property
    def allowances(self) -> dict[ClockKind, Allowance]:
        said = {
            ClockKind.RESPOND: self.respond,
            ClockKind.FEED_BACK: self.feed_back,
            ClockKind.RECTIFY: self.rectify,
            ClockKind.INSPECT: self.inspect,
        }
        return {kind: allowance for kind, allowance in said.items() if allowance is not None}

    @model_validator(mode="after")
    def _says_something(self) -> "AllowanceLine":
        if not self.allowances:
            raise wrong(
                "这一行没有写任何时限 / the row names no allowance",
                "至少写 respond、feed_back、rectify、inspect 之一",
            )
        return self

    def row(self) -> AllowanceRow:
        def some(values: tuple[str, ...] | None) -> frozenset[str] | None:
            return None if values is None else frozenset(values)

        return AllowanceRow(
            allowances=self.allowances,
            lines=some(self.lines),
            severities=None if self.severities is None else frozenset(self.severities),
            sources=some(self.sources),
            categories=some(self.categories),
        )


class Shortening(PackModel):
    """What warnings do: the time that is left times `factor`."""

    levels: tuple[Literal["yellow", "orange", "red"], ...] = Field(min_length=1)
    lines: tuple[str, ...] = Field(min_length=1, max_length=11)
    clocks: tuple[ClockKind, ...] = Field(min_length=1)
    factor: float = Field(gt=0, lt=1)
    mark: Mark
    source: Text | None = None

    _lines = field_validator("lines")(_known_lines)


class Reminder(PackModel):
    share_left: float = Field(gt=0, lt=1)
    clocks: tuple[ClockKind, ...] = Field(min_length=1)
    told: tuple[Told, ...] = Field(min_length=1)
    mark: Mark


class Step(PackModel):
    level: EscalationLevel
    after_hours: float = Field(ge=0, le=24 * 400)
    """Natural hours past the due moment."""
    clocks: tuple[ClockKind, ...] = Field(min_length=1)
    told: tuple[Told, ...] = Field(min_length=1)
    mark: Mark
    source: Text | None = None


class Pressing(PackModel):
    reminder: Reminder
    steps: tuple[Step, ...] = Field(min_length=1, max_length=6)

    @model_validator(mode="after")
    def _rises(self) -> "Pressing":
        ranks = [RANK[step.level] for step in self.steps]
        hours = [step.after_hours for step in self.steps]
        if ranks != sorted(set(ranks)) or hours != sorted(hours) or min(ranks) == 1:
            raise wrong(
                "督办步骤须逐级升高、时间递增 / the steps must rise in level and time",
                "urged 催办 → supervised 督办 → listed 挂牌督办 → talked 约谈 → published 通报",
            )
        return self

    def ladder(self) -> Ladder:
        remind = StepRule(
            level=EscalationLevel.REMINDED,
            after=None,
            clocks=frozenset(self.reminder.clocks),
            told=self.reminder.told,
        )
        later = (
            StepRule(
                level=step.level,
                after=timedelta(hours=step.after_hours),
                clocks=frozenset(step.clocks),
                told=step.told,
            )
            for step in self.steps
        )
        return Ladder(share=self.reminder.share_left, steps=(remind, *later))


class ClocksFile(PackModel):
    """A county may do without it: then only the deadlines run that people name, and nothing presses."""

    rows: tuple[AllowanceLine, ...] = Field(default=(), max_length=200)
    """The first one that fits and names the clock counts."""
    shortening: tuple[Shortening, ...] = Field(default=(), max_length=20)
    pressing: Pressing | None = None

    @property
    def alerts(self) -> tuple[AlertRule, ...]:
        return tuple(
            AlertRule(
                levels=frozenset(each.levels),
                lines=frozenset(each.lines),
                clocks=frozenset(each.clocks),
                factor=each.factor,
            )
            for each in self.shortening
        )
