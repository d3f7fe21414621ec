"""What is derived from an entry so that lists, searches and counts can use an index.

The line's documents and the gateway's read model keep the same derived fields under `find`, beside
the entry itself under `entry`, so one piece of code reads both.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from shared.application.ports import AnyEntry
from shared.domain.context import Directory
from shared.domain.moments import shanghai_day
from shared.domain.problem import OPEN, TIMED, Problem, Severity
from shared.domain.responsibility import Responsibility
from shared.domain.task import Task

_RUN = re.compile(r"[\u3400-\u9fff]+|[0-9a-z]+", re.IGNORECASE)
SEVERITY_RANK = {Severity.GENERAL: 1, Severity.SERIOUS: 2, Severity.CRITICAL: 3}
CELL_FIELDS = (
    "line", "town", "department", "severity", "category", "source", "clause", "status", "day",
)  # fmt: skip
"""The dimensions that counts can be asked by; `day` is the closing day (Asia/Shanghai) or empty."""


def _runs(text: str) -> list[str]:
    """Runs of Chinese and of letters or digits; Chinese keyboards also type the wide ones."""
    return _RUN.findall(unicodedata.normalize("NFKC", text).lower())


def tokens(text: str) -> Iterator[str]:
    """Search tokens: single characters and pairs of Chinese, whole words of letters and digits."""
    for run in _runs(text):
        if run[0] < "\u3400":
            yield run
        else:
            yield from run
            yield from (run[i : i + 2] for i in range(len(run) - 1))


def query_tokens(q: str) -> list[str]:
    """The tokens that a text must all have to be found by `q`: pairs where there are pairs."""
    found: set[str] = set()
    for run in _runs(q):
        if run[0] < "\u3400" or len(run) == 1:
            found.add(run)
        else:
            found.update(run[i : i + 2] for i in range(len(run) - 1))
    return sorted(found)


def findable(entry: AnyEntry, directory: Directory) -> dict[str, Any]:
    """The derived fields of one entry. Only problems have more than their search tokens."""
    if isinstance(entry, Task):
        next_step = directory.timing.ladder.earliest(entry.clocks)
        return {"tokens": sorted(set(tokens(entry.text))), "next_step_at": next_step}
    if isinstance(entry, Responsibility):
        return {"tokens": sorted(set(tokens(entry.text)))}
    units = [directory.unit_name(code) or code for code in (entry.unit, *entry.co_units) if code]
    place = entry.location
    texts = (
        entry.number,
        entry.title,
        entry.description,
        entry.site or "",
        place.address or "",
        *(directory.town_name(code) or "" for code in {place.town, entry.town} if code),
        *units,
    )
    found: set[str] = set()
    for text in texts:
        found.update(tokens(text))
    return {
        "tokens": sorted(found),
        "open": entry.status in OPEN,
        "timed": entry.status in TIMED,
        "severity": SEVERITY_RANK[entry.severity],
        "units": sorted({u for u in (entry.unit, entry.town, *entry.co_units) if u}),
        "cell": cell(entry),
        "next_due_at": entry.next_due_at,
        # When time itself does something to it: never again to one that is over.
        "next_step_at": directory.timing.ladder.earliest(entry.clocks)
        if entry.status in OPEN
        else None,
    }


def cell(problem: Problem) -> str:
    """The counting cell of a problem: its dimensions in the order of CELL_FIELDS, joined by `|`.

    A closed problem's cell is cut by its closing day, so a recount stays bounded.
    """
    day = shanghai_day(problem.closed_at).isoformat() if problem.closed_at else ""
    return "|".join(
        (
            problem.line,
            problem.town or "",
            problem.unit or "",
            problem.severity.value,
            problem.category,
            problem.source,
            problem.clause or "",
            problem.status.value,
            day,
        )
    )
