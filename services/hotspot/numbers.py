"""What the county pack says about high-value areas, read once for each hour that is judged."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from shared.declaration.rule import Facts, Limit

CODE = "hotspot.high-value-area"
_LIMIT = "hotspot.station-hourly."
JUDGED = ("pm25", "pm10", "no2", "o3")
"""The pollutants that have a floor."""


@dataclass(frozen=True)
class Numbers:
    """Limits (None: none holds that day) and the rule's numbers. Hours are numbers of hours."""

    ratio: Limit | None
    ratio_hours: int
    rank: Limit | None
    rank_hours: int
    rise: Limit | None
    floors: dict[str, Limit]
    stations_needed: int
    rank_stations: int
    rank_above_median: float
    rise_above_median: float
    slot_share: float
    repeat_fields: int
    known_hours: int
    clear_hours: int

    @classmethod
    def at(cls, moment: datetime, facts: Facts) -> Self:
        def limit(name: str) -> Limit | None:
            return facts.limit(_LIMIT + name, moment)

        def hours(name: str) -> int:
            found = limit(name)
            return round(found.value) if found else 1

        def number(name: str) -> float:
            return facts.number(CODE, name)

        floors = {name: limit(f"floor-{name}") for name in JUDGED}
        return cls(
            ratio=limit("median-ratio"),
            ratio_hours=hours("ratio-hours"),
            rank=limit("rank"),
            rank_hours=hours("rank-hours"),
            rise=limit("rise"),
            floors={name: floor for name, floor in floors.items() if floor},
            stations_needed=round(number("stations_needed")),
            rank_stations=round(number("rank_stations")),
            rank_above_median=number("rank_above_median"),
            rise_above_median=number("rise_above_median"),
            slot_share=number("slot_share"),
            repeat_fields=round(number("repeat_fields")),
            known_hours=round(number("known_hours")),
            clear_hours=round(number("clear_hours")),
        )
