"""A small table of deadlines for tests: one row a severity, and the usual steps."""

from datetime import date, time, timedelta

from shared.domain.allowance import Allowance, Time
from shared.domain.calendar import Calendar, not_published
from shared.domain.deadlines import ClockKind
from shared.domain.escalation import EscalationLevel, Ladder, StepRule
from shared.domain.reading import Severity
from shared.domain.timing import AlertRule, AllowanceRow, Timing
from shared.domain.working_time import WorkHours, WorkingTime

K = ClockKind
RUNNING = frozenset(K)
HOURS = WorkHours(((time(8, 30), time(12, 0)), (time(13, 30), time(17, 30))))


def _row(severity: Severity | None, **said: str) -> AllowanceRow:
    return AllowanceRow(
        allowances={K(kind): Allowance.read(text) for kind, text in said.items()},
        severities=None if severity is None else frozenset({severity}),
    )


def timing(own_days: dict[date, bool] | None = None) -> Timing:
    calendar = Calendar(not_published, own_days or {})
    return Timing(
        time=Time(WorkingTime(calendar.is_workday, HOURS), calendar.is_provisional),
        rows=(
            AllowanceRow(
                allowances={K.RESPOND: Allowance.read("2wd")}, sources=frozenset({"report"})
            ),
            _row(Severity.GENERAL, respond="4h", feed_back="24h", rectify="7d"),
            _row(Severity.SERIOUS, respond="2h", feed_back="24h", rectify="3d"),
            _row(Severity.CRITICAL, respond="30min", feed_back="2h", rectify="24h"),
            _row(None, inspect="2wd"),
        ),
        ladder=Ladder(
            share=0.25,
            steps=(
                StepRule(EscalationLevel.REMINDED, None, RUNNING, ("owner",)),
                StepRule(EscalationLevel.URGED, timedelta(), RUNNING, ("owner", "line_lead")),
                StepRule(
                    EscalationLevel.SUPERVISED,
                    timedelta(days=1),
                    frozenset({K.RECTIFY, K.TASK}),
                    ("owner", "line_lead"),
                ),
                StepRule(
                    EscalationLevel.LISTED,
                    timedelta(days=3),
                    frozenset({K.RECTIFY}),
                    ("owner", "line_lead", "coordinator"),
                ),
            ),
        ),
        alerts=(
            AlertRule(
                levels=frozenset({"orange", "red"}),
                lines=frozenset({"dust"}),
                clocks=frozenset({K.RESPOND, K.FEED_BACK, K.RECTIFY}),
                factor=0.5,
            ),
        ),
    )


TIMING = timing()
