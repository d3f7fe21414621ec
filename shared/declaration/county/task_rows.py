"""How clauses become tasks: each target one, each separate work one, else the clause itself."""

from collections.abc import Iterator
from datetime import date

from shared.declaration.county.plan import Clause, Goals, Target
from shared.declaration.county.rows import IndicatorRow, TaskRow


def tasks_of(clause: Clause, line: str, starts: date) -> Iterator[TaskRow]:
    """At least one task: a clause that sets nothing separately is one task as a whole."""
    for target in clause.targets:
        yield _task(clause, line, starts, target.id, target.quote, target)
    for work in clause.work:
        yield _task(clause, line, starts, work.id, work.quote)
    if not clause.targets and not clause.work:
        yield _task(clause, line, starts, f"{clause.id}-1", clause.text)


def goal_tasks(goals: Goals, carrier: Clause, line: str, starts: date) -> Iterator[TaskRow]:
    """The headline targets, for the departments of the clause that carries them."""
    for target in goals.targets:
        yield _task(carrier, line, starts, target.id, target.quote, target)


def _task(
    clause: Clause, line: str, starts: date, number: str, text: str, target: Target | None = None
) -> TaskRow:
    # The first name is a lead where there is one: parts() lists leads before all others.
    departments = tuple(code for _, code in clause.parts())
    return TaskRow(
        id=f"T{number}",
        line=line,
        item=clause.id.split(".")[0],
        clause=clause.id,
        text=text,
        department=departments[0],
        departments=departments,
        indicator=_indicator(target) if target else None,
        starts=starts,
        due=target.deadline if target else None,
    )


def _indicator(target: Target) -> IndicatorRow:
    return IndicatorRow(
        name=target.name,
        operator=target.operator,
        target=target.value,
        unit=target.unit,
        baseline=target.baseline.value if target.baseline else None,
    )
