"""工业源治理 Industrial sources: the words for its problems, its devices, its rules."""

from services.industry.rules import RULES
from services.industry.signals import SIGNALS
from shared.declaration.line import Line, Term

LINE = Line(
    key="industry",
    categories=(
        Term("emission_exceed", "排放超标", "Emission over limit"),
        Term("facility_off", "治理设施未运行", "Treatment not running"),
        Term("fugitive", "无组织排放", "Fugitive emission"),
        Term("outdated_capacity", "落后产能", "Outdated capacity"),
        Term("no_permit", "无证或违规建设", "Without permit"),
        Term("data_fraud", "监测数据弄虚作假", "Data fraud"),
        Term("monitor_fault", "在线设备异常", "Monitor fault"),
    ),
    signals=SIGNALS,
    rules=RULES,
)
