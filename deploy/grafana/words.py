"""The Chinese words for the codes in labels: lines and towns are the county's, the rest the product's.

Metrics speak in codes, people read names, so each dashboard is built for a county's pack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.adapters.pack import load_pack
from shared.declaration.county.keys import DESK_KEY, LINE_KEYS
from shared.domain.escalation import LEVEL_NAMES
from shared.domain.problem import STATUS_NAMES
from shared.domain.reading import SEVERITY_NAMES
from shared.domain.task import TASK_STATUS_NAMES

NONE = "none"


@dataclass(frozen=True)
class Words:
    county: str
    lines: Mapping[str, str]
    """Key → name, the desk last."""
    towns: Mapping[str, str]
    """Code → name, and `none` for problems whose town is not known."""
    statuses: Mapping[str, str]
    severities: Mapping[str, str]
    levels: Mapping[str, str]
    task_statuses: Mapping[str, str]
    stations: Mapping[str, str]

    @property
    def all(self) -> Mapping[str, str]:
        """Every code that may name a series or a column; they do not meet."""
        return {
            **self.statuses,
            **self.severities,
            **self.levels,
            **self.task_statuses,
            **self.towns,
            **self.stations,
            **self.lines,
        }


def words(pack: Path) -> Words:
    """From a county's folder. Raises PackProblem where it cannot be read."""
    county = load_pack(pack)
    names = {line.key: line.name for line in (*county.lines, county.desk)}
    towns = {town.code: town.name for town in county.towns}
    parks = {park.code: park.name for park in county.parks}
    return Words(
        county=county.about.name,
        lines={key: names[key] for key in (*LINE_KEYS, DESK_KEY)},
        towns={**towns, **parks, NONE: "未定"},
        statuses={status.value: name for status, name in STATUS_NAMES.items()},
        severities={severity.value: name for severity, name in SEVERITY_NAMES.items()},
        levels={level.value: name for level, name in LEVEL_NAMES.items()},
        task_statuses={status.value: name for status, name in TASK_STATUS_NAMES.items()},
        stations={station.id: station.name for station in county.places.stations},
    )
