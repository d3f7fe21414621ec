"""What the county's pack answers to a rule. Implements `shared.declaration.rule.Facts`."""

from datetime import datetime
from typing import Any

from shared.declaration.county.county import County
from shared.declaration.county.limits import Limit
from shared.declaration.county.locating import locate
from shared.domain.geo import Point


class CountyFacts:
    def __init__(self, county: County) -> None:
        self._county = county

    def limit(self, limit_id: str, at: datetime) -> Limit | None:
        return self._county.standards.limit_or_none(limit_id, at)

    def number(self, rule: str, name: str) -> float:
        return self._county.rules.number(rule, name)

    def town_of(self, lon: float, lat: float) -> str | None:
        return locate(Point(lon, lat), self._county).town

    def contains(self, lon: float, lat: float) -> bool:
        return self._county.contains(lon, lat)

    def known_heat_source(self, lon: float, lat: float) -> str | None:
        source = self._county.places.heat_source_at(Point(lon, lat))
        return source.name if source else None

    def blacked_out(self, line: str, signal: str, device: str, at: datetime) -> bool:
        return any(
            window.covers(line, signal, device, at) for window in self._county.places.blackouts
        )

    def place(self, id_: str) -> Any:
        places = self._county.places
        return places.station(id_) or places.site(id_) or places.enterprise(id_)

    def places(self, kind: str) -> tuple[Any, ...]:
        found: tuple[Any, ...] = getattr(self._county.places, kind)
        return found

    def lead_of(self, line: str) -> str | None:
        found = self._county.line(line)
        return found.leads[0] if found else None
