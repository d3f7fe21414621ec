"""places.yaml: stations, sites, enterprises, known heat sources, and windows of silence.

All of it is the office's own knowledge. An empty list means that nothing is known, not that there
is nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from shared.declaration.county.base import PackModel, Text, shaped, wrong
from shared.declaration.county.keys import LINE_KEYS
from shared.declaration.county.mark import Mark
from shared.domain.geo import Point
from shared.domain.moments import Moment
from shared.domain.near import NearIndex

PlaceId = Annotated[
    str,
    AfterValidator(shaped(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}", "地点编号", "JX-ST-001")),
]
"""Also the device's id where the place is one: it becomes a message key."""
Level = Literal["yellow", "orange", "red"]


def _known_line(key: str) -> str:
    if key not in LINE_KEYS:
        raise wrong(f"没有工作线“{key}” / no such line", "可用：" + "、".join(LINE_KEYS))
    return key


def _moment_text(given: object) -> object:
    """Only with an offset: a time without one would be taken for another zone's."""
    if isinstance(given, str):
        try:
            moment = datetime.fromisoformat(given)
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is not None:
            return moment
    raise wrong(f"“{given}”不是带时区的时刻", '写明时区："2026-01-15T08:00:00+08:00"')


LineKey = Annotated[str, AfterValidator(_known_line)]
WrittenMoment = Annotated[Moment, BeforeValidator(_moment_text)]


class Place(PackModel):
    """A named position, WGS-84 degrees."""

    id: PlaceId
    name: Text
    town: Text | None = None
    """9-digit code of its town, or the code of its park, where the office knows it."""
    lon: float = Field(ge=73, le=136)
    lat: float = Field(ge=3, le=54)

    @property
    def point(self) -> Point:
        return Point(self.lon, self.lat)


class Station(Place):
    """An air quality station or a grid monitor (微站); `id` is the device id of its signals."""

    kind: Literal["national", "provincial", "town", "grid"]
    mark: Mark
    source: Text


class Site(Place):
    """A construction site or an open yard."""

    area_m2: float | None = Field(default=None, gt=0, le=1e8)


class Measures(PackModel):
    """What the enterprise must do at each level of an episode, as its own plan says it."""

    yellow: tuple[Text, ...] = Field(default=(), max_length=20)
    orange: tuple[Text, ...] = Field(default=(), max_length=20)
    red: tuple[Text, ...] = Field(default=(), max_length=20)

    def at(self, level: Level) -> tuple[str, ...]:
        match level:
            case "yellow":
                return self.yellow
            case "orange":
                return self.orange
            case "red":
                return self.red


class Enterprise(Place):
    lines: tuple[LineKey, ...] = Field(min_length=1, max_length=10)
    """The lines that look after it."""
    emergency_list: bool = False
    """It stands on the emergency reduction list (应急减排清单)."""
    measures: Measures = Measures()

    @model_validator(mode="after")
    def _listed_with_measures(self) -> Self:
        said = self.measures.yellow or self.measures.orange or self.measures.red
        if self.emergency_list and not said:
            raise wrong(
                f"{self.name} 在应急减排清单上却没有措施 / listed without measures",
                "写明 measures 的 yellow、orange、red",
            )
        if said and not self.emergency_list:
            raise wrong(
                f"{self.name} 有应急措施却不在清单上 / measures, but not listed",
                "写 emergency_list: true，或删去 measures",
            )
        return self


class HeatSource(PackModel):
    """A stack, a flare or a kiln that satellites take for a fire."""

    id: PlaceId
    name: Text
    lon: float = Field(ge=73, le=136)
    lat: float = Field(ge=3, le=54)
    radius_m: float = Field(gt=0, le=5000)
    mark: Mark
    source: Text

    @property
    def point(self) -> Point:
        return Point(self.lon, self.lat)


class Blackout(PackModel):
    """A window in which some signals neither raise nor clear anything: maintenance, calibration.

    An empty list of lines, signals or devices means all of them; not all three may be empty.
    """

    id: PlaceId
    lines: tuple[LineKey, ...] = Field(default=(), max_length=10)
    signals: tuple[Text, ...] = Field(default=(), max_length=50)
    """Signal types as `site-monitor`."""
    devices: tuple[Text, ...] = Field(default=(), max_length=500)
    since: WrittenMoment
    until: WrittenMoment
    """Exclusive."""
    reason: Text

    @model_validator(mode="after")
    def _is_a_window(self) -> Self:
        if self.since >= self.until:
            raise wrong("时段是空的 / the window is empty", "须 since 早于 until")
        if not (self.lines or self.signals or self.devices):
            raise wrong(
                "没有说明对哪些信号 / says no signals", "写明 lines、signals、devices 至少一项"
            )
        return self

    def covers(self, line: str, signal: str, device: str, at: datetime) -> bool:
        return (
            self.since <= at < self.until
            and (not self.lines or line in self.lines)
            and (not self.signals or signal in self.signals)
            and (not self.devices or device in self.devices)
        )


class Places(PackModel):
    stations: tuple[Station, ...] = Field(default=(), max_length=2000)
    sites: tuple[Site, ...] = Field(default=(), max_length=5000)
    enterprises: tuple[Enterprise, ...] = Field(default=(), max_length=5000)
    heat_sources: tuple[HeatSource, ...] = Field(default=(), max_length=1000)
    blackouts: tuple[Blackout, ...] = Field(default=(), max_length=1000)

    def station(self, station_id: str) -> Station | None:
        return self._stations.get(station_id)

    def station_named(self, name: str) -> Station | None:
        return self._stations_by_name.get(name)

    def site(self, site_id: str) -> Site | None:
        return self._sites.get(site_id)

    def enterprise(self, enterprise_id: str) -> Enterprise | None:
        return self._enterprises.get(enterprise_id)

    def on_emergency_list(self) -> Iterator[Enterprise]:
        return (one for one in self.enterprises if one.emergency_list)

    def heat_source_at(self, point: Point) -> HeatSource | None:
        """The known heat source in whose radius `point` lies, the nearest of several."""
        return next(
            (
                source
                for away, source in self._heat.within(point, self._widest_m)
                if away <= source.radius_m
            ),
            None,
        )

    def blackout(self, line: str, signal: str, device: str, at: datetime) -> Blackout | None:
        """A window that covers a signal of this type from this device, observed then."""
        covering = (one for one in self.blackouts if one.covers(line, signal, device, at))
        return next(covering, None)

    def near(self, point: Point, metres: float) -> list[tuple[float, Station | Site | Enterprise]]:
        """(distance in metres, place) of all stations, sites and enterprises, the nearest first."""
        return self._near.within(point, metres)

    @cached_property
    def _stations(self) -> dict[str, Station]:
        return {one.id: one for one in self.stations}

    @cached_property
    def _stations_by_name(self) -> dict[str, Station]:
        return {one.name: one for one in self.stations}

    @cached_property
    def _sites(self) -> dict[str, Site]:
        return {one.id: one for one in self.sites}

    @cached_property
    def _enterprises(self) -> dict[str, Enterprise]:
        return {one.id: one for one in self.enterprises}

    @cached_property
    def _heat(self) -> NearIndex[HeatSource]:
        index: NearIndex[HeatSource] = NearIndex(cell_m=2000)
        for source in self.heat_sources:
            index.add(source.point, source)
        return index

    @cached_property
    def _widest_m(self) -> float:
        return max((source.radius_m for source in self.heat_sources), default=0.0)

    @cached_property
    def _near(self) -> NearIndex[Station | Site | Enterprise]:
        index: NearIndex[Station | Site | Enterprise] = NearIndex(cell_m=1000)
        places: tuple[Station | Site | Enterprise, ...] = (
            *self.stations,
            *self.sites,
            *self.enterprises,
        )
        for place in places:
            index.add(place.point, place)
        return index
