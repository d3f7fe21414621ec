"""What towns and parks are responsible for: every clause of the items, by rule.

The plan says it in one sentence for all of them, so no rows are stored; they are made when somebody
asks by town, in the same shape and order as the stored ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from shared.application.reads import Position, ResponsibilityFilter, ResponsibilityStatus
from shared.declaration.county.county import County
from shared.domain.responsibility import Part

IMPLEMENT, IMPLEMENT_NAME = "implement", "组织实施"
_RANK = len(Part)
"""Behind the departments' rows of the same clause."""


@dataclass(frozen=True)
class TownRow:
    """One clause, carried out by one town or park. `since` is a day in Asia/Shanghai."""

    id: str
    line: str
    item: str
    clause: str
    text: str
    town: str
    town_name: str
    since: date

    def position(self) -> Position:
        return (clause_order(self.clause), _RANK, self.id)


def clause_order(clause: str) -> int:
    """The place of a clause in the plan: items first, then safeguards."""
    item, _, number = clause.partition(".")
    return (1_000_000 if item.startswith("S") else 0) + int(item.lstrip("S")) * 1000 + int(number)


def town_rows(
    county: County, which: ResponsibilityFilter, today: date, own_line: str | None
) -> list[TownRow]:
    """The rows of the towns in `which`, in the order of the plan. `own_line`: only its clauses."""
    rows = [
        row
        for code in dict.fromkeys(_one_code(county, code) for code in which.towns)
        for row in _rows_of(county, code)
        if _fits(row, which, today) and own_line in (None, row.line)
    ]
    return sorted(rows, key=lambda row: (clause_order(row.clause), row.id))


def town_row(county: County, row_id: str) -> TownRow | None:
    """The row with this id; None when no town has it."""
    clause, _, rest = row_id.partition("-")
    code = rest.removesuffix(f"-{IMPLEMENT}")
    if not county.has_clause(clause) or county.town(code) is None:
        return None
    return next((row for row in _rows_of(county, code) if row.id == row_id), None)


def _one_code(county: County, code: str) -> str:
    """A town has a code of 9 digits and one of 12: its rows are made once."""
    town = county.town(code)
    return town.code if town else code


def _rows_of(county: County, code: str) -> Iterator[TownRow]:
    town = county.town(code)
    if town is None:
        return
    for clause in county.clauses_of_towns():
        line = county.line_of_clause(clause.id)
        assert line is not None, "every clause stands on a line"
        yield TownRow(
            id=f"{clause.id}-{code}-{IMPLEMENT}",
            line=line.key,
            item=clause.id.split(".")[0],
            clause=clause.id,
            text=clause.text,
            town=code,
            town_name=town.name,
            since=county.about.document.issued_on,
        )


def _fits(row: TownRow, which: ResponsibilityFilter, today: date) -> bool:
    day = which.as_of or today
    standing = ResponsibilityStatus.CURRENT if row.since <= day else ResponsibilityStatus.UPCOMING
    wanted: tuple[tuple[tuple[str, ...], str], ...] = (
        (which.lines, row.line),
        (which.items, row.item),
        (which.clauses, row.clause),
        (which.departments, row.town),
        (which.statuses, standing),
    )
    if which.as_of is not None and row.since > which.as_of:
        return False
    return all(not values or value in values for values, value in wanted)
