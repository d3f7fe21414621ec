"""A row that carries a problem's number: an export coming back, with progress written into it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from shared.application.ledgers import values
from shared.application.ledgers.cells import Cell, CellKind, Files, Raw, clean
from shared.application.ledgers.complaint import Complaint, Unfit
from shared.application.ledgers.mark import Mark
from shared.application.ledgers.problems import MARK, NUMBER, PROBLEMS, PROGRESS
from shared.application.ledgers.row_cells import RowCells
from shared.application.ledgers.table import Column, Showing, Use
from shared.domain.actor import Actor
from shared.domain.context import Context
from shared.domain.decide import decide
from shared.domain.identity import derived
from shared.domain.moments import SHANGHAI, day_start
from shared.domain.problem import Problem
from shared.domain.refusal import Refused

REPORT = "report-progress"
TEXT_MOST = 2000


@dataclass(frozen=True)
class ReturnedRow:
    """A row of an existing problem; `text` is new progress to report, None: nothing changed."""

    row: int
    problem: Problem
    text: str | None
    exported: str

    @property
    def command(self) -> str:
        """The same text in the same exported row is reported once."""
        return derived("import", REPORT, self.problem.id, self.exported, self.text or "")

    @property
    def body(self) -> dict[str, Any]:
        return {"text": self.text}


class ReturnedRowReader:
    def __init__(self, showing: Showing, actor: Actor) -> None:
        self._showing, self._actor = showing, actor

    def read(
        self, cells: RowCells, problem: Problem | None
    ) -> tuple[ReturnedRow | None, Sequence[Complaint]]:
        """(the row, what of it is not taken over); complaints stand in `cells.wrong`."""
        if problem is None:
            detail = "没有这个编号的问题;新问题请把编号留空,由系统编号"
            cells.complain(NUMBER, Unfit("unknown-number", detail))
            return None, ()
        mark = Mark.read(str(cells.raw(MARK) or ""))
        if mark is not None and mark.entry != problem.id:
            detail = "这一行的隐藏标记属于另一个问题(多半是整行复制);请从导出的台账里重填"
            cells.complain(NUMBER, Unfit("other-row", detail, "复制的行请删去编号和系统标记"))
            return None, ()
        told = self._compare(cells, problem, mark)
        text = self._progress(cells, problem, mark)
        if cells.wrong:
            return None, told
        return ReturnedRow(cells.number, problem, text, str(mark or "")), told

    def _compare(self, cells: RowCells, problem: Problem, mark: Mark | None) -> list[Complaint]:
        """An edit is wrong where the row shows the version that there is; an older row, or one
        without its mark, may merely be out of date."""
        fresh = mark is not None and mark.version == problem.version
        told: list[Complaint] = []
        for column in PROBLEMS.columns:
            kept = column.use in (Use.REGISTER, Use.KEPT)
            if not (kept or column.use is Use.LOOSE) or not cells.has(column.heading):
                continue
            now = column.cell(problem, self._showing)
            if cells.is_spoilt(column.heading) or _same(column, cells.raw(column.heading), now):
                continue
            right = _said(column, now) or "(空)"
            if column.use is Use.LOOSE:
                detail = f"“{column.heading}”不由导入填写,未导入"
                told.append(cells.about(column.heading, Unfit("not-imported", detail)))
            elif fresh:
                detail = f"“{column.heading}”不能由导入更改;请恢复原值,改动请用相应操作"
                cells.complain(column.heading, Unfit("protected-changed", detail, right))
            else:
                detail = f"“{column.heading}”与现在的记录不同(导出后有变动,或被改过),未导入"
                told.append(cells.about(column.heading, Unfit("out-of-date", detail, right)))
        return told

    def _progress(self, cells: RowCells, problem: Problem, mark: Mark | None) -> str | None:
        text = cells.read(PROGRESS, partial(values.text, most=TEXT_MOST))
        held = clean(problem.progress.text if problem.progress else "").strip()
        if text is None or text == held or (mark is not None and mark.said(text)):
            return None
        facts = self._showing.words.facts(problem.line)
        if facts is None:
            detail = f"这里不办理工作线“{problem.line}”的问题"
            cells.complain(PROGRESS, Unfit("progress-not-allowed", detail))
            return None
        county = self._showing.words.county
        context = Context(self._actor, self._showing.now, facts, county)
        try:
            decide(problem, REPORT, {"text": text}, None, context)
        except Refused as refused:
            cells.complain(PROGRESS, Unfit("progress-not-allowed", refused.refusal.detail))
        return text


def _same(column: Column[Problem], raw: Raw, now: Cell) -> bool:
    """Whether a file's cell still says what we showed, whatever a spreadsheet made of its form."""
    if raw == now:
        return True
    said = _said(column, now)
    try:
        match column.kind:
            case CellKind.MOMENT:
                moment = values.moment(raw)
                return said == (_minute(moment) if moment else "")
            case CellKind.NUMBER | CellKind.COUNT:
                number = values.number(raw)
                # An empty cell and a count of nothing are the same.
                return said == (_digits(number) if number is not None else "") or not (
                    number or now
                )
            case CellKind.CODE:
                code = values.code(raw, 40_000) or ""
                return code == said or _as_number(code) == _as_number(said) is not None
        return (values.text(raw, 40_000) or "") == said
    except Unfit:
        return False


def _said(column: Column[Problem], cell: Cell) -> str:
    match cell:
        case None | Files():
            return ""
        case str():
            return clean(cell).strip()
        case datetime():
            return _minute(cell)
        case date():
            return _minute(day_start(cell))
    return _digits(cell)


def _minute(moment: datetime) -> str:
    """As deep as the column shows it: a CSV that Excel saved again has no seconds."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _digits(number: float) -> str:
    return f"{round(number, 6):.15g}"


def _as_number(code: str) -> float | None:
    """1.10 in a CSV that Excel saved again is 1.1."""
    try:
        return float(code)
    except ValueError:
        return None
