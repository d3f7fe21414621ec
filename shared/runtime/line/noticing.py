"""What a line's applied changes mean for its metrics: each is seen once, where it is written."""

from shared.application.ports import AnyEntry
from shared.declaration.line import Line
from shared.domain.problem import OPEN, Problem, Severity, Status
from shared.runtime import metrics


def from_zero(line: Line) -> None:
    """What is rare is shown as zero from the start: a counter that first appears with 1 has, for
    Prometheus, never risen."""
    for in_time in ("yes", "no"):
        metrics.CLOSED.labels(line.key, in_time)
    for severity in Severity:
        metrics.HANDLING_HOURS.labels(line.key, severity.value)
    metrics.REOPENED.labels(line.key)
    metrics.SWEEPER_STOPPED.labels(line.key).set(0)
    for what in ("escalate", "shorten"):
        metrics.STEPS.labels(line.key, what)
    if line.signals:
        for outcome in ("taken", "followed", "copy", "unreadable"):
            metrics.SIGNALS.labels(line.key, outcome)
    for rule in line.rules:
        for outcome in ("registered", "joined", "refused"):
            metrics.FINDINGS.labels(line.key, rule.code, outcome)


def notice(before: AnyEntry | None, after: AnyEntry) -> None:
    """Count a closing (with its hours and whether the unit was in time) or a reopening."""
    if not isinstance(before, Problem) or not isinstance(after, Problem):
        return
    if before.status is Status.CLOSED and after.status in OPEN:
        metrics.REOPENED.labels(after.line).inc()
    if before.status is not Status.CLOSED and after.status is Status.CLOSED:
        closed = after.closed_at
        assert closed is not None, "a closed problem knows when"
        hours = (closed - after.reported_at).total_seconds() / 3600
        metrics.HANDLING_HOURS.labels(after.line, after.severity.value).observe(hours)
        # The inspector's time is not the unit's.
        done = after.submitted_at or closed
        in_time = after.due_at is None or done <= after.due_at
        metrics.CLOSED.labels(after.line, "yes" if in_time else "no").inc()
