"""扬尘污染防治 Dust control: the words for this line's problems."""

from services.dust.rules import RULES
from services.dust.signals import SIGNALS
from shared.declaration.line import Line, Term

LINE = Line(
    key="dust",
    categories=(
        Term("bare_soil", "土方裸露未覆盖", "Uncovered soil"),
        Term("no_hoarding", "围挡不到位", "Missing hoarding"),
        Term("no_spraying", "未喷淋降尘", "No water spraying"),
        Term("road_dust", "道路积尘", "Road dust"),
        Term("truck_uncovered", "渣土车未密闭", "Uncovered muck truck"),
        Term("no_wheel_wash", "车辆冲洗不到位", "No wheel washing"),
        Term("yard_open", "堆场未覆盖封闭", "Open stockpile"),
        Term("mine", "矿山扬尘", "Mine dust"),
        Term("monitor_fault", "监测设备异常", "Monitor fault"),
        Term("exceed", "颗粒物超标", "Particulates over limit"),
        Term("dustfall", "降尘量超标", "Dustfall over limit"),
        Term("truck_route", "渣土车偏离路线", "Muck truck off its route"),
        Term("no_video", "视频监控缺失(提醒)", "No video (advice)"),
    ),
    signals=SIGNALS,
    rules=RULES,
)
