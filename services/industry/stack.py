"""A stack's hourly mean against its limit: above twice the limit it is critical."""

from dataclasses import dataclass
from typing import Any

from services.industry.signals import Cems
from shared.declaration.kernels.exceedance import Exceedance, Exceeding
from shared.declaration.rule import Facts, Limit, Outcome
from shared.declaration.signal import Observed
from shared.domain.finding import Finding
from shared.domain.problem import Severity

SEVERE = "industry.cems.severe-ratio"


def idle(rule: str, data: Cems, facts: Facts) -> bool:
    """Whether nothing burns: the oxygen is that of air. Conversion then divides by almost zero."""
    oxygen = data.value("o2")
    return oxygen is not None and oxygen >= facts.number(rule, "idle_oxygen")


@dataclass(frozen=True)
class StackLimit(Exceedance):
    """Takes `industry.cems.severe-ratio` from the standards; an idle furnace says nothing."""

    def _step(self, state: Exceeding, seen: Observed, facts: Facts) -> Outcome[Exceeding]:
        if isinstance(seen.data, Cems) and idle(self.code, seen.data, facts):
            return Outcome(state)
        return super()._step(state, seen, facts)

    def _raise(self, data: Any, value: float, limit: Limit, facts: Facts) -> Finding:
        finding = super()._raise(data, value, limit, facts)
        severe = facts.limit(SEVERE, data.observed_at)
        if severe is not None and severe.meets(value / limit.value, "1"):
            return finding.model_copy(update={"severity": Severity.CRITICAL})
        return finding
