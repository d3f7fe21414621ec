"""责任清单: its columns in the order of the office's form, over stored rows and those by rule."""

from shared.application.ledgers.cells import CellKind
from shared.application.ledgers.table import Column, Ledger, Showing
from shared.application.town_rows import IMPLEMENT_NAME, TownRow
from shared.domain.responsibility import Part, Responsibility, Term

K = CellKind
R = Responsibility | TownRow
C = Column[R]


def _term(row: R, showing: Showing) -> Responsibility | Term | None:
    """As it reads on the day that was asked for; a town's row has no words of its own."""
    if isinstance(row, TownRow):
        return None
    return (row.term_on(showing.as_of) if showing.as_of else None) or row


def _text(row: R, s: Showing) -> str:
    return row.text if isinstance(row, TownRow) else (_term(row, s) or row).text


def _unit(row: R, s: Showing, part: Part) -> str | None:
    if isinstance(row, TownRow) or row.role is not part:
        return None
    return (_term(row, s) or row).department_name


def _personal(row: R, s: Showing, field: str) -> str | None:
    said: str | None = getattr(_term(row, s), field, None)
    return said


def _document(row: R, s: Showing) -> str:
    document = s.words.county.about.document
    return document.number


RESPONSIBILITIES: Ledger[R] = Ledger(
    "responsibilities",
    "责任清单",
    (
        C("工作线", 14, lambda r, s: s.words.line(r.line)),
        C("方案条款", 8, lambda r, s: r.clause, K.CODE),
        C("工作内容", 48, _text),
        C("牵头单位", 18, lambda r, s: _unit(r, s, Part.LEAD)),
        C("分工单位", 18, lambda r, s: _unit(r, s, Part.SHARED)),
        C("配合单位", 18, lambda r, s: _unit(r, s, Part.SUPPORT)),
        C("属地", 17, lambda r, s: s.words.town(r.town)),
        C("分管领导", 10, lambda r, s: _personal(r, s, "leader"), personal=True),
        C("责任科室", 14, lambda r, s: _personal(r, s, "section")),
        C("责任人", 10, lambda r, s: _personal(r, s, "person"), personal=True),
        C("联系电话", 13, lambda r, s: _personal(r, s, "phone"), K.CODE, personal=True),
        C("包保人", 10, lambda r, s: None, personal=True),
        C("依据文件", 18, _document),
        C(
            "生效日期",
            11,
            lambda r, s: r.since if isinstance(r, TownRow) else r.effective_from,
            K.DAY,
        ),
        C("失效日期", 11, lambda r, s: None if isinstance(r, TownRow) else r.effective_to, K.DAY),
        C("版本", 6, lambda r, s: 1 if isinstance(r, TownRow) else r.version, K.COUNT),
        C("备注", 14, lambda r, s: IMPLEMENT_NAME if isinstance(r, TownRow) else None),
    ),
)
