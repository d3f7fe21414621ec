"""高值区管控 High-value-area control: its words, its signals and its rules."""

from services.hotspot.rules import RULES
from services.hotspot.showing import SHOWINGS
from services.hotspot.signals import SIGNALS
from shared.declaration.line import Line, Term

LINE = Line(
    key="hotspot",
    categories=(
        Term("high_value", "高值区", "High-value area"),
        Term("sudden_rise", "浓度突升", "Sudden rise"),
        Term("remote_clue", "远程帮扶线索", "Remote-assistance clue"),
        Term("station_interference", "站点周边干扰", "Interference at station"),
        Term("data_fault", "数据异常", "Data fault"),
    ),
    signals=SIGNALS,
    rules=RULES,
    showings=SHOWINGS,
)
