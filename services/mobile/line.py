"""移动源管理 Mobile-source control: the words for this line's problems."""

from services.mobile.rules import RULES
from services.mobile.signals import SIGNALS
from shared.declaration.line import Line, Term

LINE = Line(
    key="mobile",
    categories=(
        Term("black_smoke", "冒黑烟", "Black smoke"),
        Term("vehicle_exceed", "机动车超标", "Vehicle over limit"),
        Term("nrmm_exceed", "非道路机械超标", "Machine over limit"),
        Term("nrmm_uncoded", "非道路机械未编码", "Machine without code"),
        Term("nrmm_zone", "控制区内禁用机械", "Banned machine in zone"),
        Term("fuel_quality", "油品不合格", "Substandard fuel"),
        Term("illegal_fuel_site", "违规加油站点", "Illegal fuel site"),
        Term("gate_control", "门禁管控不到位", "Gate control failure"),
        Term("nrmm_old", "国一及以下机械", "Machine of stage I or older"),
        Term("monitor_fault", "监测设备异常", "Monitor fault"),
    ),
    signals=SIGNALS,
    rules=RULES,
)
