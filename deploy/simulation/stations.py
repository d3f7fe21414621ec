"""Air stations: the county's air and their own, hot hours of one place, and broken instruments."""

from collections.abc import Iterator
from datetime import timedelta

from deploy.simulation.air import USUAL, Air
from deploy.simulation.chance import chance
from deploy.simulation.event import Simulated
from deploy.simulation.family import said
from deploy.simulation.places import STATIONS
from deploy.simulation.span import Span
from deploy.simulation.truth import Incident
from deploy.simulation.weather import Weather
from deploy.simulation.windows import Window, windows

_OWN = 0.06
"""How far a station's air is from the county's on the whole, and how much it wavers by the hour."""
_WAVERS = 0.05


class Stations:
    def __init__(self, span: Span, weather: Weather, air: Air) -> None:
        self._span, self._weather, self._air = span, weather, air
        self._hot = {
            place.id: windows(span, f"hot-{place.id}", a_day=0.12, hours=(4, 8), between=(6, 16))
            for place in STATIONS
        }
        self._stuck: dict[str, tuple[Window, ...]] = {}
        self._silent: dict[str, tuple[Window, ...]] = {}
        for place in STATIONS:
            stuck = windows(span, f"stuck-{place.id}", a_day=0.05, hours=(9, 14), between=(0, 12))
            silent = windows(span, f"mute-{place.id}", a_day=0.05, hours=(5, 28), between=(0, 20))
            # An instrument that is broken tells nothing of the air, and only one thing at a time.
            calm = [w for w in stuck if not _meets(w, self._hot[place.id])]
            self._stuck[place.id] = tuple(calm)
            busy = (*self._hot[place.id], *calm)
            self._silent[place.id] = tuple(w for w in silent if not _meets(w, busy))

    @property
    def incidents(self) -> tuple[Incident, ...]:
        found = []
        for place in STATIONS:
            for kind, of, category, subject, why in (
                ("hot", self._hot, "", f"area:{place.id}", "颗粒物为邻站的两倍以上"),
                ("stuck", self._stuck, "data_fault", f"{place.id}:stuck", "各项数值不变"),
                ("mute", self._silent, "data_fault", place.id, "没有数据"),
            ):
                found += [
                    Incident(
                        f"{kind}-{place.id}-{window.begin:%m%d%H}", "hotspot", category,
                        window.begin, window.end, f"{place.name} {why}", frozenset({subject}),
                    )
                    for window in of[place.id]
                ]  # fmt: skip
        return tuple(found)

    def events(self) -> Iterator[Simulated]:
        for place in STATIONS:
            luck = chance(self._span.seed, "station", place.id)
            own = {name: 1 + luck.gauss(0, _OWN) for name in USUAL}
            frozen: dict[str, float] | None = None
            for at in self._span.steps(60):
                values = {
                    name: value * own[name] * (1 + luck.gauss(0, _WAVERS))
                    for name, value in self._air.at(at).items()
                }
                if any(window.covers(at) for window in self._hot[place.id]):
                    values["pm10"] *= 2.6
                    values["pm25"] *= 2.3
                late = luck.random() < 0.01
                if any(window.covers(at) for window in self._silent[place.id]):
                    continue
                if any(window.covers(at) for window in self._stuck[place.id]):
                    frozen = frozen or values
                    values = frozen
                else:
                    frozen = None
                hour = self._weather.at(at - timedelta(hours=1))
                data = {
                    name: round(value, 1 if name != "co" else 2) for name, value in values.items()
                }
                data |= {
                    "wind_speed": round(hour.wind_speed, 1),
                    "wind_direction": round(hour.wind_direction),
                }
                after = luck.uniform(4000, 9000) if late else luck.uniform(120, 900)
                yield said(
                    "hotspot", "station-hourly", place.id, at,
                    {**data, **place.where, "avg_period": "PT1H"}, after=after,
                )  # fmt: skip


def _meets(window: Window, others: tuple[Window, ...]) -> bool:
    day = timedelta(hours=24)
    return any(window.begin < o.end + day and o.begin < window.end + day for o in others)
