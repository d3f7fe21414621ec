"""What was planted: the incidents that a county's system ought to find."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class Incident:
    """One real deviation: a problem of `category` (empty: of any) in `line` about one of `subjects`,
    or, where nobody knows whose it is (a fire), at most `metres` from its place."""

    id: str
    line: str
    category: str
    begin: datetime
    end: datetime
    why: str
    subjects: frozenset[str] = frozenset()
    lon: float | None = None
    lat: float | None = None
    metres: float = 0.0
    grace: timedelta = timedelta(hours=30)
    """So long after its end it may still be seen: a day's mean, or a silence that becomes grave."""

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "line": self.line,
            "category": self.category,
            "begin": self.begin,
            "end": self.end,
            "why": self.why,
            "subjects": sorted(self.subjects),
            "lon": self.lon,
            "lat": self.lat,
            "metres": self.metres,
        }
