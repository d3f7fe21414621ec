"""What is shown of the county's air: each station's newest hour."""

from collections.abc import Iterable

from services.hotspot.cell import hour_end
from services.hotspot.memory import Air
from services.hotspot.numbers import CODE
from shared.declaration.rule import Facts
from shared.declaration.showing import AirHour, Showing


def newest_hours(air: Air, facts: Facts) -> Iterable[AirHour]:
    """Of an hour that is still being said, only what a rule would already take for its mean."""
    share = facts.number(CODE, "slot_share")
    seen: set[str] = set()
    for hour in sorted(air.hours, reverse=True):
        for station, cell in air.hours[hour].items():
            if station not in seen and (means := cell.means(share)):
                seen.add(station)
                yield AirHour(station, hour_end(hour), means)


SHOWINGS = (Showing(CODE, newest_hours),)
