"""禁烧管控 Open-burning ban: the words for its problems, what watches, and what follows."""

from services.burning.rules import RULES
from services.burning.signals import SIGNALS
from shared.declaration.line import Line, Term

LINE = Line(
    key="burning",
    categories=(
        Term("straw", "焚烧秸秆", "Straw burning"),
        Term("garbage", "焚烧垃圾", "Garbage burning"),
        Term("leaves", "焚烧落叶杂草", "Leaf and weed burning"),
        Term("ash_trace", "过火痕迹", "Burnt trace"),
    ),
    signals=SIGNALS,
    rules=RULES,
)
