"""能源转型与煤炭总量管控 Energy and coal cap: the words for this line's problems."""

from services.energy.rules import RULES
from services.energy.signals import SIGNALS
from shared.declaration.line import Line, Term

LINE = Line(
    key="energy",
    categories=(
        Term("coal_over_cap", "煤炭消费超进度", "Coal use above path"),
        Term("unapproved_coal_project", "违规新增用煤项目", "Unapproved coal project"),
        Term("gasifier", "新增煤气发生炉", "New coal gasifier"),
        Term("clean_energy_lag", "清洁能源进度滞后", "Clean energy behind"),
        Term("report_missing", "月报缺报", "Monthly report missing"),
    ),
    signals=SIGNALS,
    rules=RULES,
)
