"""The simulated places: near the towns' seats of Jinxiang, WGS-84, none of them real."""

from dataclasses import dataclass

SEATS = {
    "370828001": (116.305, 35.070),
    "370828002": (116.365, 35.068),
    "370828004": (116.315, 35.030),
    "370828101": (116.225, 35.150),
    "370828102": (116.320, 35.180),
    "370828107": (116.340, 34.955),
    "370828109": (116.185, 35.065),
    "370828110": (116.375, 35.010),
    "370828111": (116.410, 35.125),
    "370828112": (116.285, 34.955),
}
"""Town → (lon, lat): the pack's own seats."""


@dataclass(frozen=True)
class SimulatedPlace:
    id: str
    name: str
    town: str
    lon: float
    lat: float

    @property
    def where(self) -> dict[str, object]:
        return {"town": self.town, "lon": self.lon, "lat": self.lat}


def _around(prefix: str, name: str, count: int, east: float, north: float) -> list[SimulatedPlace]:
    towns = sorted(SEATS)
    places = []
    for n in range(count):
        town = towns[n % len(towns)]
        lon, lat = SEATS[town]
        turn = 1 + n // len(towns)
        places.append(
            SimulatedPlace(
                f"SIM-{prefix}-{n + 1:02d}",
                f"模拟{name}{n + 1}",
                town,
                round(lon + east * turn, 5),
                round(lat + north * turn, 5),
            )
        )
    return places


STATIONS = _around("ST", "站点", 8, 0.0, 0.0)
SITES = _around("DU", "工地", 18, 0.006, 0.004)
STACKS = _around("CE", "排口", 8, -0.012, 0.008)
PLANTS = _around("VO", "化工厂", 6, -0.008, -0.009)
KITCHENS = _around("FU", "餐馆", 12, 0.003, -0.002)
FARMS = _around("OD", "养殖场", 5, 0.015, -0.012)
GATES = _around("GA", "厂门", 4, -0.011, 0.007)
ROADSIDES = _around("RS", "遥感点", 3, 0.009, 0.0)
HOUSES = _around("HM", "农户", 40, -0.004, 0.005)
FIELDS = _around("FI", "地块", 30, 0.013, 0.017)
