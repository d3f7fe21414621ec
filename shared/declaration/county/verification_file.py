"""verification.yaml: the public notice, recurrence, and spot checks."""

from pydantic import Field, model_validator

from shared.declaration.county.base import PackModel, Text, wrong
from shared.declaration.county.mark import Mark
from shared.domain.verification import Verification


class Notice(PackModel):
    working_days: int = Field(ge=0, le=60)
    mark: Mark
    source: Text | None = None


class Recurring(PackModel):
    metres: float = Field(gt=0, le=5_000)
    days: tuple[int, ...] = Field(min_length=2, max_length=2)
    mark: Mark

    @model_validator(mode="after")
    def _rise(self) -> "Recurring":
        if not 0 < self.days[0] < self.days[1] <= 400:
            raise wrong("天数须递增 / the days must rise", "如 [30, 90]")
        return self


class SpotChecks(PackModel):
    share: float = Field(gt=0, le=1)
    mark: Mark


_USUAL = Verification()


class VerificationFile(PackModel):
    """A county may do without it: then the numbers are the product's own guess."""

    notice: Notice = Notice(working_days=_USUAL.notice_days, mark="D")
    recurrence: Recurring = Recurring(metres=_USUAL.recur_metres, days=_USUAL.recur_days, mark="D")
    spot_checks: SpotChecks = SpotChecks(share=_USUAL.spot_check_share, mark="D")

    @property
    def numbers(self) -> Verification:
        short, long = self.recurrence.days
        return Verification(
            notice_days=self.notice.working_days,
            recur_metres=self.recurrence.metres,
            recur_days=(short, long),
            spot_check_share=self.spot_checks.share,
        )
