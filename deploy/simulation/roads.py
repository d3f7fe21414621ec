"""Roads: vehicles before remote sensing, muck trucks before cameras, fuel and coal on sale."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from deploy.simulation.chance import chance
from deploy.simulation.event import Simulated
from deploy.simulation.family import said
from deploy.simulation.places import HOUSES, ROADSIDES, SITES
from deploy.simulation.span import Span
from deploy.simulation.truth import Incident
from shared.declaration.vehicle import vehicle_of


class Roads:
    def __init__(self, span: Span) -> None:
        self._span = span
        luck = chance(span.seed, "roads")
        self._smoking = [
            (f"鲁HS{n:04d}", self._at(luck, 0, max(1, span.days - 2)))
            for n in range(span.days // 3)
        ]
        self._uncovered = [
            (f"鲁HM{n:04d}", self._at(luck, 0, span.days)) for n in range(max(1, span.days // 2))
        ]
        self._fuel = [
            (f"模拟加油点{n}", self._at(luck, 0, span.days)) for n in range(max(1, span.days // 5))
        ]
        self._coal = [
            (f"模拟煤场{n}", self._at(luck, 0, span.days)) for n in range(max(1, span.days // 4))
        ]
        self._burnt = [
            (house, self._at(luck, 0, span.days))
            for house in HOUSES[:: max(1, 2 * len(HOUSES) // max(span.days, 1))][: span.days // 3]
        ]

    def _at(self, luck: Random, first: int, last: int) -> datetime:
        """In daylight of one of the days."""
        day = luck.randrange(first, max(last, first + 1))
        at: datetime = self._span.start + timedelta(days=day, hours=luck.uniform(8, 17))
        return at.replace(microsecond=0)

    @property
    def incidents(self) -> tuple[Incident, ...]:
        found = [
            Incident(f"smoke-{plate}", "mobile", "vehicle_exceed", at, at + timedelta(hours=26),
                     "柴油车冒黑烟", frozenset({vehicle_of(plate)}))
            for plate, at in self._smoking
        ]  # fmt: skip
        one_off = (
            (self._uncovered, "dust", "truck_uncovered", "渣土车未覆盖", vehicle_of),
            (self._fuel, "mobile", "fuel_quality", "柴油含硫超标", str),
            (self._coal, "coal", "", "散煤含硫超标", str),
        )
        for of, line, category, why, subject in one_off:
            found += [
                Incident(f"{category or 'coal'}-{who}", line, category, at, at, why,
                         frozenset({subject(who)}))
                for who, at in of
            ]  # fmt: skip
        found += [
            Incident(f"burnt-{house.id}", "coal", "ban_area_burning", at, at, "禁燃区烧散煤",
                     frozenset({house.name}), house.lon, house.lat, 60.0)
            for house, at in self._burnt
        ]  # fmt: skip
        return tuple(found)

    def events(self) -> Iterator[Simulated]:
        for place in ROADSIDES:
            luck = chance(self._span.seed, "roadside", place.id)
            for at in self._span.steps(7):
                data = {
                    "plate": f"鲁H{luck.randrange(10_000, 99_999)}",
                    "fuel": luck.choice(("diesel", "petrol", "petrol")),
                    "opacity": round(luck.uniform(2, 18), 1),
                    "no": round(luck.uniform(50, 900)),
                    "speed": round(luck.uniform(25, 70)),
                    "vsp": round(luck.uniform(4, 14), 1),
                    **place.where,
                }
                yield said("mobile", "remote-sensing", place.id, at, data)
        for plate, at in self._smoking:
            place = ROADSIDES[0]
            for n, hours in enumerate((0, 24)):
                data = {"plate": plate, "fuel": "diesel", "opacity": 48.0, "no": 700, "speed": 45,
                        "vsp": 9.0, **place.where}  # fmt: skip
                seen = at + timedelta(hours=hours, seconds=n)
                yield said("mobile", "remote-sensing", place.id, seen, data, apart=plate)
        luck = chance(self._span.seed, "trucks")
        gate = SITES[0]
        for at in self._span.steps(45):
            data = {"plate": f"鲁HZ{luck.randrange(1000, 9999)}", "coverage": 100.0,
                    "on_route": True, **gate.where}  # fmt: skip
            yield said("dust", "muck-truck", "SIM-CAM-GATE", at, data)
        for plate, at in self._uncovered:
            data = {"plate": plate, "coverage": 60.0, "on_route": True, **gate.where}
            yield said("dust", "muck-truck", "SIM-CAM-GATE", at, data, apart=plate)
        for seller, at in self._fuel:
            data = {"seller": seller, "source": "station", "licensed": True, "sulphur": 45.0,
                    **ROADSIDES[1].where}  # fmt: skip
            yield said("mobile", "fuel-sample", "SIM-LAB", at, data, apart=seller)
        for seller, at in self._coal:
            data = {"seller": seller, "kind": "loose", "sulphur": 1.6, "ash": 12.0,
                    **ROADSIDES[2].where}  # fmt: skip
            yield said("coal", "coal-sample", "SIM-LAB", at, data, apart=seller)
        for house, at in self._burnt:
            data = {"address": house.name, "zone": "SIM-Z1", "fuel": "loose_coal", **house.where}
            yield said("coal", "ban-area", "SIM-PATROL", at, data, apart=house.id)
