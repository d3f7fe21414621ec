"""What the ledgers hold, as gauges: problems, tasks, and how far the plan's numbers are."""

from collections.abc import Container, Mapping

from shared.application.reads import Reads
from shared.domain.moments import Clock
from shared.runtime import metrics
from shared.runtime.looking import Look

NONE = "none"
"""In place of a town that is not known, or that a task does not have."""


OTHER = "other"
"""In place of an indicator that is not the plan's: people give those names, and may write anything."""


def ledger_looks(reads: Reads, clock: Clock, planned: Container[str]) -> Mapping[str, Look]:
    """`planned`: the names of the plan's indicators."""

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
        ratios: dict[tuple[str, ...], float] = {}
        for (line, clause, name, town), ratio in found.indicators.items():
            key = (line, clause, name if name in planned else OTHER, town or NONE)
            ratios[key] = min(ratio, ratios.get(key, ratio))
        metrics.INDICATOR_RATIO.show(ratios)

    return {"problems": problems, "tasks": standing}
