"""What a county says of time: how long things may take, what a warning shortens, how it presses."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.domain.allowance import Allowance, Time
from shared.domain.deadlines import ClockKind
from shared.domain.escalation import NO_LADDER, Ladder
from shared.domain.reading import Severity


@dataclass(frozen=True)
class AllowanceRow:
    """Allowances for the problems that it fits; None fits all."""

    allowances: Mapping[ClockKind, Allowance]
    lines: frozenset[str] | None = None
    severities: frozenset[Severity] | None = None
    sources: frozenset[str] | None = None
    categories: frozenset[str] | None = None

    def fits(self, line: str, severity: Severity, source: str, category: str) -> bool:
        return (
            (self.lines is None or line in self.lines)
            and (self.severities is None or severity in self.severities)
            and (self.sources is None or source in self.sources)
            and (self.categories is None or category in self.categories)
        )


@dataclass(frozen=True)
class AlertRule:
    """What a heavy-pollution warning of these levels does to the clocks of these lines."""

    levels: frozenset[str]
    lines: frozenset[str]
    clocks: frozenset[ClockKind]
    factor: float


@dataclass(frozen=True)
class Timing:
    time: Time
    rows: tuple[AllowanceRow, ...] = ()
    """The first one that fits and names the clock counts."""
    ladder: Ladder = NO_LADDER
    alerts: tuple[AlertRule, ...] = ()

    def allowance(
        self, kind: ClockKind, line: str, severity: Severity, source: str, category: str
    ) -> Allowance | None:
        """None: no such clock runs."""
        for row in self.rows:
            if kind in row.allowances and row.fits(line, severity, source, category):
                return row.allowances[kind]
        return None

    def alert(self, line: str, level: str) -> AlertRule | None:
        return next((a for a in self.alerts if line in a.lines and level in a.levels), None)
