"""One row of a file, asked by our headings; what is wrong with its cells is collected."""

from collections.abc import Callable
from typing import TypeVar

from shared.application.ledgers.cells import Raw, shown
from shared.application.ledgers.complaint import Complaint, Unfit, complaint
from shared.application.ledgers.headings import Headings
from shared.application.ledgers.sheet import SheetRow
from shared.application.ledgers.values import present

V = TypeVar("V")


class RowCells:
    def __init__(self, row: SheetRow, headings: Headings) -> None:
        self._row, self._columns = row, headings.columns
        self.number = row.number
        self.wrong: dict[str, Complaint] = {}
        """By heading: one complaint a cell is enough."""

    def has(self, heading: str) -> bool:
        """Whether the file has the column."""
        return heading in self._columns

    def raw(self, heading: str) -> Raw:
        index = self._columns.get(heading, len(self._row.cells))
        return self._row.cells[index] if index < len(self._row.cells) else None

    def is_empty(self, heading: str) -> bool:
        raw = self.raw(heading)
        return raw is None or (isinstance(raw, str) and not raw.strip())

    def read(self, heading: str, reader: Callable[[Raw], V]) -> V | None:
        """The value; None also where it is wrong, which is then collected."""
        try:
            return reader(self.raw(heading))
        except Unfit as unfit:
            self.complain(heading, unfit)
            return None

    def needed(self, heading: str, reader: Callable[[Raw], V | None]) -> V | None:
        value = self.read(heading, reader)
        if value is None and heading not in self.wrong:
            self.complain(heading, Unfit("missing", f"“{heading}”必填,未填写"))
        return value

    def complain(self, heading: str, unfit: Unfit) -> None:
        self.wrong.setdefault(heading, self.about(heading, unfit))

    def about(self, heading: str, unfit: Unfit) -> Complaint:
        index = self._columns.get(heading)
        return complaint(unfit, self.number, index, heading, shown(self.raw(heading)))

    def is_spoilt(self, heading: str) -> bool:
        """Whether the cell holds no value of its own; that is collected then."""
        self.read(heading, present)
        return heading in self.wrong
