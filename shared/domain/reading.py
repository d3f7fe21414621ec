"""How bad something is: severities, and a measured value beside its limit."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Severity(StrEnum):
    GENERAL = "general"
    SERIOUS = "serious"
    CRITICAL = "critical"


SEVERITY_NAMES: dict[Severity, str] = {
    Severity.GENERAL: "一般",
    Severity.SERIOUS: "较重",
    Severity.CRITICAL: "严重",
}


def graver(a: Severity, b: Severity) -> Severity:
    """The more serious of two."""
    return max(a, b, key=list(Severity).index)


class Reading(BaseModel):
    """A measured value beside the limit it is held against; `unit` is UCUM."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quantity: str = Field(min_length=1, max_length=40)
    value: float = Field(allow_inf_nan=False)
    unit: str = Field(min_length=1, max_length=20)
    limit: float | None = Field(default=None, allow_inf_nan=False)
    standard: str | None = Field(default=None, max_length=80)

    @property
    def rank(self) -> tuple[float, float]:
        """Rises with how far the value is beyond its limit, on whichever side the limit forbids;
        without limits, with the value. Readings of any quantities can be ordered by it."""
        if self.limit is None or self.limit <= 0:
            return 0.0, self.value
        return abs(self.value - self.limit) / self.limit, self.value
