"""What is wrong with a cell of somebody's file: where, what was found, the rule, what would be right."""

from dataclasses import asdict, dataclass
from typing import Any

from shared.application.ledgers.cells import letters


@dataclass(frozen=True)
class Complaint:
    row: int
    """As in Excel; the heading's own row where it is about the heading."""
    column: str | None
    """As in Excel: A, B, … AA; None where the whole row is meant, or a column that is missing."""
    heading: str | None
    found: str
    rule: str
    """A stable name such as `unknown-town`."""
    detail: str
    right: str | None = None
    """What would be right, where that can be said."""

    def document(self) -> dict[str, Any]:
        return asdict(self)


class Unfit(Exception):
    """A cell's value is not what its column takes; whoever knows the cell makes it a complaint."""

    def __init__(self, rule: str, detail: str, right: str | None = None) -> None:
        super().__init__(detail)
        self.rule, self.detail, self.right = rule, detail, right


def complaint(
    unfit: Unfit, row: int, index: int | None, heading: str | None, found: str
) -> Complaint:
    """`index`: of the cell in its row, from 0."""
    column = letters(index) if index is not None else None
    return Complaint(row, column, heading, found, unfit.rule, unfit.detail, unfit.right)


class Complaints:
    """The first `most` of them, and how many there were."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.kept: list[Complaint] = []
        self.total = 0
        self.rows: set[int] = set()

    def add(self, *complaints: Complaint) -> None:
        for each in complaints:
            self.total += 1
            self.rows.add(each.row)
            if len(self.kept) < self._most:
                self.kept.append(each)

    def sort(self) -> None:
        """By row and column, as somebody goes through the file."""
        self.kept.sort(key=lambda each: (each.row, len(each.column or ""), each.column or ""))

    def documents(self) -> list[dict[str, Any]]:
        return [each.document() for each in self.kept]
