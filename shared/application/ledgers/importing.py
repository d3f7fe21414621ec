"""A file of the problem ledger, judged whole: what its rows would do, or what is wrong with it.

Nothing is done here. All rows are judged before any is carried out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from shared.application.ledgers import values
from shared.application.ledgers.complaint import Complaints, Unfit
from shared.application.ledgers.headings import read_headings
from shared.application.ledgers.new_rows import NewRow, NewRowReader
from shared.application.ledgers.problems import (
    DESCRIPTION,
    FOUND_AT,
    LINE,
    NUMBER,
    PROBLEMS,
    SEVERITY,
    TOWN,
)
from shared.application.ledgers.returned_rows import ReturnedRow, ReturnedRowReader
from shared.application.ledgers.row_cells import RowCells
from shared.application.ledgers.sheet import ROWS_MOST, Sheet
from shared.application.ledgers.table import SERIAL, Showing
from shared.domain.actor import Actor
from shared.domain.problem import Problem
from shared.domain.refusal import refuse

COMPLAINTS_MOST, REMARKS_MOST = 2000, 200
NEEDED = (NUMBER, FOUND_AT, DESCRIPTION, TOWN, SEVERITY)


@dataclass(frozen=True)
class Parsed:
    """Rows apart: new ones read, numbered ones still to be held against their problems."""

    new: tuple[NewRow, ...]
    numbered: Mapping[str, RowCells]
    """Number → its row."""


class ProblemImport:
    """One file by one importer. `own_line`: the line that this service is; None at the gateway."""

    def __init__(self, showing: Showing, actor: Actor, own_line: str | None) -> None:
        self._new = NewRowReader(showing.words, actor, showing.now, own_line)
        self._returned = ReturnedRowReader(showing, actor)
        self._own_line = own_line
        self.wrong = Complaints(COMPLAINTS_MOST)
        self.remarks = Complaints(REMARKS_MOST)

    def parse(self, sheet: Sheet) -> Parsed:
        known = [SERIAL, *(column.heading for column in PROBLEMS.columns)]
        needed = NEEDED if self._own_line is not None else (*NEEDED, LINE)
        headings = read_headings(sheet, known, needed)
        self.wrong.add(*headings.wrong)
        self.remarks.add(*headings.strange)
        if headings.wrong:
            # With a column that is not found every row would be wrong for the same reason.
            return Parsed((), {})
        if len(headings.rows) > ROWS_MOST:
            raise refuse(
                "too-large", f"一次最多导入 {ROWS_MOST} 行;请分成几份", rows_most=ROWS_MOST
            )
        new: dict[str, NewRow] = {}
        numbered: dict[str, RowCells] = {}
        for row in headings.rows:
            cells = RowCells(row, headings)
            if set(headings.columns) - {SERIAL} and all(
                cells.is_empty(name) for name in headings.columns if name != SERIAL
            ):
                continue
            number = cells.read(NUMBER, partial(values.code, most=80))
            if number is not None:
                self._take_number(cells, number, numbered)
            elif NUMBER not in cells.wrong:
                self._take_new(cells, new)
            self.wrong.add(*cells.wrong.values())
        return Parsed(tuple(new.values()), numbered)

    def judge(self, parsed: Parsed, problems: Mapping[str, Problem]) -> Iterator[ReturnedRow]:
        """The numbered rows that are right; `problems` by number."""
        for number, cells in parsed.numbered.items():
            row, told = self._returned.read(cells, problems.get(number))
            self.wrong.add(*cells.wrong.values())
            self.remarks.add(*told)
            if row is not None:
                yield row

    def _take_number(self, cells: RowCells, number: str, numbered: dict[str, RowCells]) -> None:
        if number in numbered:
            detail = f"编号与第 {numbered[number].number} 行重复;同一问题只留一行"
            cells.complain(NUMBER, Unfit("duplicate-number", detail))
        else:
            numbered[number] = cells

    def _take_new(self, cells: RowCells, new: dict[str, NewRow]) -> None:
        row, told = self._new.read(cells)
        self.remarks.add(*told)
        if row is None:
            return
        earlier = new.setdefault(row.command, row)
        if earlier is not row:
            detail = f"与第 {earlier.row} 行内容完全相同;确是两个问题的,请写明不同之处"
            cells.complain(DESCRIPTION, Unfit("duplicate-row", detail))
