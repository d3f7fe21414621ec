"""A task's one clock: from the day it begins to the end of the day on which it is due."""

from collections.abc import Mapping
from typing import Any

from shared.domain.context import Context
from shared.domain.deadlines import ClockKind, Deadline, until
from shared.domain.escalation import raise_steps
from shared.domain.moments import day_end, day_start
from shared.domain.problem_bodies import Nothing
from shared.domain.refusal import refuse
from shared.domain.task import Task


def task_clocks(before: Task | None, after: Task, context: Context) -> tuple[Deadline, ...]:
    """None once it is done or ended, and for a task without a due day. What was due before it came
    into the ledger presses nobody: it only shows as 到期未完成."""
    if after.due is None or after.done_on is not None or after.ended_on is not None:
        return ()
    span = (after.starts, after.due)
    if before is not None and before.clocks and span == (before.starts, before.due):
        return before.clocks
    timing = context.directory.timing
    begins, due = day_start(after.starts), day_end(after.due)
    clock = until(ClockKind.TASK, "unit", due, min(begins, due), timing.ladder.share, timing.time)
    if before is None or span != (before.starts, before.due):
        clock = clock.model_copy(update={"step": timing.ladder.past(clock, context.now)})
    return (clock,)


def escalate_task(task: Task, body: Nothing, context: Context) -> Mapping[str, Any]:
    """Every step that is due by now, as one change."""
    ladder = context.directory.timing.ladder
    raised = raise_steps(ladder, task.clocks, task.escalation, context.now)
    if raised is None:
        raise refuse("nothing-due", "没有到期的督办步骤")
    clocks, escalation = raised
    return {"clocks": clocks, "escalation": escalation}
