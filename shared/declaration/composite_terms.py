"""Limits, weights and coverage of the composite index on one day, as the county's pack holds them."""

from datetime import date

from shared.declaration.rule import Facts, Limit
from shared.domain.composite import POLLUTANTS, Coverage, Norm
from shared.domain.moments import day_start

CODE = "hotspot.composite"
_PERIODS = {"co": "24h", "o3": "8h"}
"""The limit that a pollutant is divided by; a year's for the others."""


def norms_on(day: date, facts: Facts) -> dict[str, Norm]:
    """For a month give its first day. Raises KeyError where none is in force that day."""
    at = day_start(day)

    def needed(limit_id: str) -> Limit:
        limit = facts.limit(limit_id, at)
        if limit is None:
            raise KeyError(f"{day} 没有生效的 {limit_id} / none in force; 在 standards.yaml 补上")
        return limit

    return {
        name: Norm(
            limit=needed(f"gb3095.{name}.{_PERIODS.get(name, 'annual')}.level-2").value,
            weight=needed(f"hotspot.composite.weight-{name}").value,
        )
        for name in POLLUTANTS
    }


def coverage_of(month: date, facts: Facts) -> Coverage:
    days = "february_days" if month.month == 2 else "month_days"
    return Coverage(
        day_hours=round(facts.number(CODE, "day_hours")),
        window_hours=round(facts.number(CODE, "window_hours")),
        day_windows=round(facts.number(CODE, "day_windows")),
        month_days=round(facts.number(CODE, days)),
    )
