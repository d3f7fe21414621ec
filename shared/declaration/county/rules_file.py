"""rules.yaml: the numbers of the lines' rules."""

from functools import cached_property

from pydantic import Field, model_validator

from shared.declaration.county.base import PackModel
from shared.declaration.county.mark import Mark


class SignalNumbers(PackModel):
    keep_days: int = Field(ge=1, le=400)
    future_minutes: float = Field(gt=0, le=24 * 60)


class JoiningNumbers(PackModel):
    reopen_days: int = Field(ge=0, le=400)
    mark: Mark


class RuleNumbers(PackModel):
    """The numbers of one rule, by their names."""

    rule: str = Field(pattern=r"^[a-z]+\.[a-z0-9-]+$")
    numbers: dict[str, float] = Field(max_length=40)
    mark: Mark
    source: str | None = None
    note: str | None = None


class RulesFile(PackModel):
    signals: SignalNumbers
    joining: JoiningNumbers
    rules: tuple[RuleNumbers, ...] = Field(max_length=200)

    @model_validator(mode="after")
    def _once(self) -> "RulesFile":
        codes = [rule.rule for rule in self.rules]
        if double := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"rule named twice: {', '.join(double)}")
        return self

    def number(self, rule: str, name: str) -> float:
        """Raises KeyError that says what to add where."""
        try:
            return self._numbers[rule][name]
        except KeyError:
            raise KeyError(
                f"rules.yaml: 规则 {rule} 缺少数值 {name},请补上 / rule {rule} needs {name}"
            ) from None

    @cached_property
    def _numbers(self) -> dict[str, dict[str, float]]:
        return {rule.rule: rule.numbers for rule in self.rules}
