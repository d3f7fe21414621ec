"""Construction sites: dust by the working day, dust that escapes, and monitors that fall silent."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from deploy.simulation.air import Air
from deploy.simulation.chance import chance
from deploy.simulation.event import Simulated
from deploy.simulation.family import said, swing
from deploy.simulation.places import SITES, SimulatedPlace
from deploy.simulation.span import Span
from deploy.simulation.truth import Incident
from deploy.simulation.windows import windows

_MINUTES = 5
CHECKED = ("hoarding", "cover", "wet_work", "paved", "wheel_wash", "truck_covered")
CATEGORIES = {
    "hoarding": "no_hoarding",
    "cover": "bare_soil",
    "wet_work": "no_spraying",
    "paved": "road_dust",
    "wheel_wash": "no_wheel_wash",
    "truck_covered": "truck_uncovered",
}


class Sites:
    def __init__(self, span: Span, air: Air) -> None:
        self._span, self._air = span, air
        self._dusty = {
            place.id: windows(span, f"dust-{place.id}", a_day=0.1, hours=(2, 6), between=(7, 17))
            for place in SITES
        }
        self._silent = {
            place.id: tuple(
                window
                for window in windows(
                    span, f"mute-{place.id}", a_day=0.04, hours=(4, 30), between=(0, 20)
                )
                if not any(
                    window.begin < dusty.end and dusty.begin < window.end
                    for dusty in self._dusty[place.id]
                )
            )
            for place in SITES
        }
        luck = chance(span.seed, "site-checks")
        self._failed = {
            (place.id, day): luck.choice(CHECKED)
            for place in SITES
            for day in range(2, span.days, 7)
            if luck.random() < 0.25
        }

    @property
    def incidents(self) -> tuple[Incident, ...]:
        found = []
        for place in SITES:
            for window in self._dusty[place.id]:
                found.append(
                    Incident(
                        f"dust-{place.id}-{window.begin:%m%d%H}", "dust", "exceed",
                        window.begin, window.end, f"{place.name} 土方作业未洒水",
                        frozenset({place.id}),
                    )
                )  # fmt: skip
            for window in self._silent[place.id]:
                found.append(
                    Incident(
                        f"mute-{place.id}-{window.begin:%m%d%H}", "dust", "monitor_fault",
                        window.begin, window.end, f"{place.name} 监测设备断电",
                        frozenset({place.id}),
                    )
                )  # fmt: skip
        for (site, day), item in self._failed.items():
            at = self._checked_at(day)
            found.append(
                Incident(
                    f"check-{site}-{day}", "dust", CATEGORIES[item], at, at,
                    f"{site} 检查不合格:{item}", frozenset({site}),
                )
            )  # fmt: skip
        return tuple(found)

    def _checked_at(self, day: int) -> datetime:
        return self._span.start + timedelta(days=day, hours=10)

    def events(self) -> Iterator[Simulated]:
        for place in SITES:
            yield from self._monitor(place)
        for day in range(2, self._span.days, 7):
            at = self._checked_at(day)
            for place in SITES:
                failed = self._failed.get((place.id, day))
                items = [{"item": item, "passed": item != failed} for item in CHECKED]
                data = {"site": place.id, "site_name": place.name, "items": items, **place.where}
                yield said("dust", "checklist", "SIM-PATROL", at, data, apart=place.id)

    def _monitor(self, place: SimulatedPlace) -> Iterator[Simulated]:
        luck = chance(self._span.seed, "site", place.id)
        own = 1 + luck.gauss(0, 0.1)
        dusty, silent = self._dusty[place.id], self._silent[place.id]
        for at in self._span.steps(_MINUTES):
            hour = self._span.local_hour(at)
            work = swing(hour, 10, 2.5) + swing(hour, 15, 2.5)
            pm10 = self._air.at(at)["pm10"] * own + 15 * work + luck.gauss(0, 4)
            tsp = 1.7 * pm10 + 60 * work + luck.gauss(0, 12)
            flag = "N"
            if any(window.covers(at) for window in dusty):
                pm10, tsp = pm10 + luck.uniform(180, 320), tsp + luck.uniform(1100, 1700)
            elif luck.random() < 0.0008:
                # A calibration: nonsense that says of itself that it is.
                pm10, tsp, flag = 900.0, 4000.0, "C"
            copied = luck.random() < 0.003
            if any(window.covers(at) for window in silent):
                continue
            data = {
                "avg_period": "PT5M",
                "qc_flag": flag,
                "pm10": round(max(pm10, 5), 1),
                "tsp": round(max(tsp, 10), 1),
                "noise": round(58 + 8 * work + luck.gauss(0, 2), 1),
                "site": place.id,
                **place.where,
            }
            event = said("dust", "site-monitor", place.id, at, data, after=luck.uniform(2, 40))
            yield event
            if copied:
                yield event
