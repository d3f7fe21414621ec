"""What the ledgers hold, as gauges: problems, tasks, and how far the plan's numbers are."""

from collections.abc import Mapping

from shared.application.reads import Reads
from shared.domain.moments import Clock
from shared.runtime import metrics
from shared.runtime.looking import Look

NONE = "none"
"""In place of a town that is not known, or that a task does not have."""


def ledger_looks(reads: Reads, clock: Clock) -> Mapping[str, Look]:
    async def problems() -> None:
        found = await reads.census(clock.now())
        metrics.PROBLEMS.show(
            {(*rest, town or NONE): n for (*rest, town), n in found.problems.items() if n}
        )
        metrics.PROBLEMS_OVERDUE.show(
            {(line, town or NONE): n for (line, town), n in found.overdue.items() if n}
        )

    async def standing() -> None:
        found = await reads.standing(clock.now())
        metrics.PROBLEMS_ESCALATED.show(found.escalated)
        metrics.TASKS.show(found.tasks)
        metrics.INDICATOR_RATIO.show(
            {(*rest, town or NONE): ratio for (*rest, town), ratio in found.indicators.items()}
        )

    return {"problems": problems, "tasks": standing}
