"""问题清单: its columns in the order of the office's form."""

from shared.application.ledgers import problem_cells as cells
from shared.application.ledgers.cells import CellKind
from shared.application.ledgers.table import Column, Ledger, Use
from shared.domain.problem import SEVERITY_NAMES, STATUS_NAMES, Problem

K, U = CellKind, Use
C = Column[Problem]
# Headings that an import asks for by name.
NUMBER, LINE, PROGRESS, MARK = "问题编号", "工作线", "整改进展", "系统标记"
FOUND_AT, DESCRIPTION, TOWN, SEVERITY = "发现时间", "问题描述", "镇街代码", "等级"

PROBLEMS: Ledger[Problem] = Ledger(
    "problems",
    "问题清单",
    (
        C(NUMBER, 18, lambda p, s: p.number, K.CODE, U.KEY),
        C("批次", 8, cells.batch, K.CODE, U.REGISTER),
        C(
            LINE, 14, lambda p, s: s.words.line(p.line),
            use=U.REGISTER, choices=lambda w: w.line_names(),
        ),
        C(
            "来源", 10, lambda p, s: s.words.source(p.source),
            use=U.REGISTER, choices=lambda w: w.source_names(),
        ),
        C(FOUND_AT, 16, lambda p, s: p.found_at, K.MOMENT, U.REGISTER),
        C("问题类别", 14, lambda p, s: s.words.category(p.line, p.category), use=U.REGISTER),
        C(DESCRIPTION, 40, cells.description, use=U.REGISTER),
        C("地点", 22, lambda p, s: p.location.address, use=U.REGISTER),
        C(TOWN, 17, cells.town, K.CODE, U.REGISTER, choices=lambda w: w.towns()),
        C("经度", 10, lambda p, s: p.location.lon, K.NUMBER, U.REGISTER),
        C("纬度", 10, lambda p, s: p.location.lat, K.NUMBER, U.REGISTER),
        C("涉及单位", 18, lambda p, s: p.site, use=U.REGISTER),
        C("关联条款", 8, lambda p, s: p.clause, K.CODE, U.REGISTER),
        C(
            SEVERITY, 6, lambda p, s: SEVERITY_NAMES[p.severity],
            use=U.REGISTER, choices=lambda w: list(SEVERITY_NAMES.values()),
        ),
        C(
            "监测项目", 14,
            lambda p, s: s.words.quantity(p.reading.quantity) if p.reading else None,
            use=U.REGISTER,
        ),
        C("监测值", 8, lambda p, s: p.reading.value if p.reading else None, K.NUMBER, U.REGISTER),
        C("限值", 8, lambda p, s: p.reading.limit if p.reading else None, K.NUMBER, U.REGISTER),
        C("标准号", 14, lambda p, s: p.reading.standard if p.reading else None, K.CODE, U.REGISTER),
        C("交办单位", 14, lambda p, s: p.external.issuer if p.external else None, use=U.REGISTER),
        C("交办时间", 16, lambda p, s: p.assigned_at, K.MOMENT, U.KEPT),
        C("责任单位", 18, lambda p, s: s.words.unit(p.unit), use=U.KEPT),
        C("责任人", 10, cells.person, personal=True),
        C("联系电话", 13, cells.phone, K.CODE, personal=True),
        C("参与部门", 18, lambda p, s: s.words.units(p.co_units), use=U.KEPT),
        C("整改措施", 20, lambda p, s: None, use=U.LOOSE),
        C("整改时限", 16, lambda p, s: p.due_at, K.MOMENT, U.REGISTER),
        C(PROGRESS, 30, cells.progress, use=U.PROGRESS),
        C("整改前照片", 12, cells.before, K.FILES),
        C("整改后照片", 12, cells.after, K.FILES),
        C("处置开始时间", 16, lambda p, s: p.started_at, K.MOMENT, U.KEPT),
        C("处置完成时间", 16, lambda p, s: p.submitted_at, K.MOMENT, U.KEPT),
        C("复测数据", 24, cells.proof, use=U.LOOSE),
        C("核查人", 10, cells.inspector, use=U.KEPT),
        C("核查结果", 10, cells.result, use=U.KEPT),
        C("延期记录", 16, cells.extensions, use=U.KEPT),
        C("督办级别", 10, cells.escalation, use=U.KEPT),
        C("是否立案处罚", 8, lambda p, s: None, use=U.LOOSE),
        C("销号时间", 16, lambda p, s: p.closed_at, K.MOMENT, U.KEPT),
        C("销号审批人", 10, cells.approver, use=U.KEPT),
        C("是否公示", 14, cells.notice, use=U.LOOSE),
        C("反弹次数", 8, lambda p, s: p.reopened, K.COUNT, U.KEPT),
        C("备注", 24, cells.remark, use=U.LOOSE),
        # Behind the form: what it lacks, and what an import goes by.
        C("状态", 8, lambda p, s: STATUS_NAMES[p.status], use=U.KEPT),
        C(MARK, 10, cells.mark, K.CODE, U.MARK, hidden=True),
    ),
)  # fmt: skip
