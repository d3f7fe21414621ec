"""散煤管控 Loose-coal control: the words for this line's problems."""

from services.coal.rules import RULES
from services.coal.signals import SIGNALS
from shared.declaration.line import Line, Term

LINE = Line(
    key="coal",
    categories=(
        Term("ban_area_burning", "禁燃区燃用高污染燃料", "Burning in ban area"),
        Term("coal_quality", "煤质不合格", "Substandard coal"),
        Term("illegal_sale", "违规销售散煤", "Illegal coal sale"),
        Term("reburn", "复烧散煤", "Return to coal"),
        Term("small_boiler", "燃煤锅炉炉灶", "Coal boiler or stove"),
    ),
    signals=SIGNALS,
    rules=RULES,
)
