"""scores.yaml: what the work score takes off, and where the accountability ladder begins."""

from pydantic import Field, field_validator

from shared.declaration.county.base import PackModel, Text, wrong
from shared.declaration.county.mark import Mark
from shared.declaration.line import SOURCES
from shared.domain.accountability import Thresholds
from shared.domain.work_score import Weights

_CODES = tuple(term.code for term in SOURCES)


class WorkScore(PackModel):
    """Points; `self_found` is the bonus where all new problems were found by the county itself."""

    base: float = Field(default=100, ge=0, le=1000)
    overdue: float = Field(default=2, ge=0, le=100)
    returned: float = Field(default=1, ge=0, le=100)
    reopened: float = Field(default=3, ge=0, le=100)
    escalated: float = Field(default=5, ge=0, le=100)
    self_found: float = Field(default=5, ge=0, le=100)
    found_by_others: tuple[str, ...] = ("report", "superior", "inspectorate")
    minimum: int = Field(default=5, ge=1, le=10_000)
    mark: Mark = "D"
    source: Text | None = None

    @field_validator("found_by_others")
    @classmethod
    def _known(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        if strange := [code for code in codes if code not in _CODES]:
            raise wrong(
                f"没有问题来源“{strange[0]}” / no such source", f"可用：{'、'.join(_CODES)}"
            )
        return codes

    def weights(self) -> Weights:
        return Weights(
            base=self.base,
            overdue=self.overdue,
            returned=self.returned,
            reopened=self.reopened,
            escalated=self.escalated,
            self_found=self.self_found,
            found_by_others=frozenset(self.found_by_others),
            minimum=self.minimum,
        )


class Accountability(PackModel):
    """How many towns are "the last", and how the two ranks are joined."""

    last_of_month: int = Field(default=2, ge=1, le=100)
    last_of_year: int = Field(default=1, ge=1, le=100)
    composite: float = Field(default=0.5, ge=0, le=1)
    change: float = Field(default=0.5, ge=0, le=1)
    mark: Mark = "D"
    source: Text | None = None

    def thresholds(self) -> Thresholds:
        return Thresholds(self.last_of_month, self.last_of_year, self.composite, self.change)


class ScoresFile(PackModel):
    """A county may do without it: then the numbers are the product's own defaults."""

    work_score: WorkScore = WorkScore()
    accountability: Accountability = Accountability()
