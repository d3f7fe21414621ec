"""How much of the plan lies on which line: what the pack check prints."""

from collections import Counter
from dataclasses import dataclass

from shared.declaration.county.county import County
from shared.declaration.county.lines import CountyLine
from shared.domain.responsibility import Part


@dataclass(frozen=True)
class LineCounts:
    line: CountyLine
    clauses: int
    rows: dict[Part, int]
    targets: int
    tasks: int


def counts(county: County) -> tuple[LineCounts, ...]:
    """One for each of the ten lines in order, then the desk. Headline targets count at their
    carrier."""
    parts = Counter((row.line, row.role) for row in county.rows())
    tasks = Counter(task.line for task in county.tasks())
    targets = Counter(task.line for task in county.tasks() if task.indicator)
    return tuple(
        LineCounts(
            line=line,
            clauses=len(county.clauses_of_line(line.key)),
            rows={part: parts[line.key, part] for part in Part},
            targets=targets[line.key],
            tasks=tasks[line.key],
        )
        for line in county.lines_and_desk()
    )
