"""重污染天气应对 Episode response: its words, its signals and its rule."""

from services.episode.rules import RULES
from services.episode.showing import SHOWINGS
from services.episode.signals import SIGNALS
from shared.declaration.line import Line, Term

LINE = Line(
    key="episode",
    categories=(
        Term("measure_not_taken", "应急措施未落实", "Measure not taken"),
        Term("production_breach", "违反停限产", "Production breach"),
        Term("transport_breach", "违反运输管控", "Transport breach"),
        Term("construction_breach", "违规施工", "Construction breach"),
        Term("list_gap", "减排清单遗漏", "Gap in the emergency list"),
    ),
    signals=SIGNALS,
    rules=RULES,
    showings=SHOWINGS,
)
