"""油烟异味与农业面源管控 Fume, odour and ammonia: the words for its problems, its signals, its rules."""

from services.livelihood.rules import RULES
from services.livelihood.signals import SIGNALS
from shared.declaration.line import Line, Term

LINE = Line(
    key="livelihood",
    categories=(
        Term("cooking_fume", "餐饮油烟", "Cooking fume"),
        Term("odour", "恶臭异味", "Odour"),
        Term("barbecue", "露天烧烤", "Open-air barbecue"),
        Term("farm_ammonia", "养殖氨排放", "Livestock ammonia"),
        Term("fertiliser", "化肥农药超量", "Fertiliser or pesticide overuse"),
        Term("monitor_fault", "在线设备异常", "Monitor fault"),
    ),
    signals=SIGNALS,
    rules=RULES,
)
