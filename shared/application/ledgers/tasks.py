"""任务清单: its columns in the order of the office's form."""

from shared.application.ledgers.cells import CellKind
from shared.application.ledgers.table import Column, Ledger, Showing
from shared.domain.task import TASK_STATUS_NAMES, Indicator, Task

K = CellKind
C = Column[Task]
FREQUENCY_NAMES = {"daily": "日", "weekly": "周", "monthly": "月", "quarterly": "季"}
_OPERATORS = {">=": "≥", "<=": "≤", "=": "=", "by": "按期完成"}
_NO_INDICATOR = Indicator(name="", operator="by")


def _counted(task: Task) -> Indicator:
    return task.indicator or _NO_INDICATOR


def _helping(task: Task, showing: Showing) -> str | None:
    return showing.words.units([code for code in task.departments if code != task.department])


def _indicator(task: Task, _: Showing) -> str | None:
    """What is counted and which way: the target's column holds a mere number."""
    counted = task.indicator
    return f"{counted.name}({_OPERATORS[counted.operator]})" if counted else None


TASKS: Ledger[Task] = Ledger(
    "tasks",
    "任务清单",
    (
        C("任务编号", 16, lambda t, s: t.id, K.CODE),
        C("工作线", 14, lambda t, s: s.words.line(t.line)),
        C("条款", 8, lambda t, s: t.clause, K.CODE),
        C("任务内容", 44, lambda t, s: t.text),
        C("目标值", 10, lambda t, s: _counted(t).target, K.NUMBER),
        C("单位", 8, lambda t, s: _counted(t).unit),
        C("基准值", 10, lambda t, s: _counted(t).baseline, K.NUMBER),
        C("当前值", 10, lambda t, s: _counted(t).latest, K.NUMBER),
        C("完成率", 8, lambda t, s: _counted(t).ratio(), K.SHARE),
        C("牵头单位", 18, lambda t, s: s.words.unit(t.department)),
        C("配合单位", 26, _helping),
        C("属地", 17, lambda t, s: s.words.town(t.town)),
        C("责任人", 10, lambda t, s: t.owner, personal=True),
        C("开始时间", 11, lambda t, s: t.starts, K.DAY),
        C("完成时限", 11, lambda t, s: t.due, K.DAY),
        C("调度频次", 6, lambda t, s: FREQUENCY_NAMES[t.frequency]),
        C("进展情况", 32, lambda t, s: t.report.text if t.report else None),
        C("存在困难", 22, lambda t, s: t.difficulty),
        C("下步措施", 22, lambda t, s: t.next_step),
        C("佐证材料", 12, lambda t, s: None),
        C("状态", 10, lambda t, s: TASK_STATUS_NAMES[t.status(s.today)]),
        C("更新时间", 16, lambda t, s: t.updated_at, K.MOMENT),
        C("指标", 22, _indicator),
    ),
)
